// expect: lower-partial-register 8:7
struct two {
  unsigned short a;
  unsigned short b;
};
int main(void) {
  __xwrite struct two t;
  t.a = 1;
  return 0;
}
