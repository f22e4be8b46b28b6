// expect: type-bad-assignment 11:7, type-bad-argument 12:12, type-bad-return 7:10
struct a { int x; };
struct b { int x; };
static int f(struct a s) { return s.x; }
static struct a g(void) {
  struct b wrong = {1};
  return wrong;
}
int main(void) {
  struct a s; struct b t = {2};
  s = t;
  return f(t);
}
