// expect: lower-write-register 5:10
int main(void) {
  __xwrite unsigned int a[2];
  a[0] = 1;
  return a[0];
}
