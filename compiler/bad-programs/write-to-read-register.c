// expect: type-read-register 4:3
int main(void) {
  __xread unsigned int a[2];
  a[0] = 1;
  return 0;
}
