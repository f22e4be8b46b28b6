// expect: type-other-memory 5:12
int main(void) {
  __lmem int a[2];
  a[0] = 1;
  int *p = a;
  return *p;
}
