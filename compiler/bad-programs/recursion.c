// expect: recursion 4:10
static int f(int a);
static int g(int a) {
  return f(a - 1);
}
static int f(int a) {
  return a ? g(a) : 0;
}
int main(void) {
  return f(3);
}
