// expect: type-not-a-function 4:6, type-not-a-function 5:10
int main(void) {
  int a = 1;
  (a + 1)(2);
  return a(3);
}
