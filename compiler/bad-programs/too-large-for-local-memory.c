// expect: type-too-large 3:14
int main(void) {
  __lmem int a[200];
  a[0] = 1;
  return a[0];
}
