// expect: type-bad-parameter 4:14, type-incomplete 3:14, type-incomplete 6:16
struct later;
struct later f(void) { }
static int g(struct later s) { return 0; }
int main(void) {
  struct later x;
  return 0;
}
