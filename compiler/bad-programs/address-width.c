// expect: type-bad-address-width 2:22
__mem __addr32 char  *p;
int main(void) {
  return 0;
}
