// expect: type-not-constant 5:26, type-not-constant 6:20
int main(void) {
  __lmem int local[2];
  local[0] = 1;
  static __lmem int *p = local;
  static int sum = local[0];
  return sum + *p;
}
