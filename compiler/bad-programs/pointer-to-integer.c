// expect: type-bad-initializer 4:11
int main(void) {
  int a = 1;
  int b = &a;
  return b;
}
