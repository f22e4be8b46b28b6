// expect: type-unsupported 5:13
struct pair {
  int a;
};
struct pair f(void) {
  struct pair p;
  p.a = 1;
  return p;
}
int main(void) {
  return 0;
}
