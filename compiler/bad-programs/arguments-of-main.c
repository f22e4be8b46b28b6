// expect: type-bad-entry 2:5
int main(int first, char *rest) {
  return first;
}
