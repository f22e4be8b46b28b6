// expect: type-division-by-zero 3:12
int main(void) {
  return 5 / 0;
}
