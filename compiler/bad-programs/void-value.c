// expect: type-bad-initializer 4:11, type-not-integer 5:12
static void nothing(void) {}
int main(void) {
  int a = nothing();
  return a + nothing();
}
