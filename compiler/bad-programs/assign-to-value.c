// expect: type-not-an-lvalue 4:5
int main(void) {
  int a = 1;
  a + 1 = 2;
  return a;
}
