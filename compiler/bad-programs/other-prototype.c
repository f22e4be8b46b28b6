// expect: type-redeclared 3:5
int f(int a);
int f(int a, int b) {
  return a + b;
}
int main(void) {
  return 0;
}
