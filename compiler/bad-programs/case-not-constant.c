// expect: type-not-constant 5:10
int main(void) {
  int a = 1;
  switch (a) {
    case a:
      return 1;
  }
  return 0;
}
