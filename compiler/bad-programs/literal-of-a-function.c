// expect: type-bad-initializer 4:33, type-excess-initializer 5:39
struct pair { int a, b; };
int main(void) {
  struct pair p = (struct pair){.c = 1};
  struct pair q = (struct pair){1, 2, 3};
  return p.a + q.b;
}
