// expect: type-bad-return 3:10
__emem int *f(void) {
  return 5;
}
int main(void) {
  return *f();
}
