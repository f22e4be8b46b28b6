// expect: type-division-by-zero 2:11, type-division-by-zero 4:24, type-division-by-zero 5:11, type-division-by-zero 7:12
int a = 1 / 0;
int main(void) {
  static int b = 2 + 3 % (1 - 1);
  int c[4 / (2 - 2)];
  switch (ctx()) {
    case 1 / 0: return a;
  }
  return b + c[0];
}
