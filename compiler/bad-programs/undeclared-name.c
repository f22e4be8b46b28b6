// expect: name-undeclared 4:10
int main(void) {
  int counter = 1;
  return countr + counter;
}
