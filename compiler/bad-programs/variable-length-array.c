// expect: type-not-constant 4:12, type-not-constant 5:15
int main(void) {
  int n = ctx();
  int list[n];
  char text[n + 1][4];
  return 0;
}
