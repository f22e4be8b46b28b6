// expect: type-bad-return 3:3
static void f(void) {
  return 1;
}
int main(void) {
  f();
  return 0;
}
