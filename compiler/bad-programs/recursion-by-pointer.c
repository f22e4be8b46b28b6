// expect: recursion 4:10
static int (*next)(int);
static int f(int n) {
  return next(n - 1);
}
int main(void) {
  next = f;
  return f(3);
}
