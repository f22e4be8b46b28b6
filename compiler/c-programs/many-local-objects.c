#include <stdio.h>
/* Structures by value and arrays, together more than the local memory of a context. */
struct item { int a; short b[3]; char c; struct { long long q; } in; };
struct pair { struct item of[2]; };
static struct item make(int x) {
  struct item s = { x, { x + 1, x + 2, x + 3 }, x + 4, { x * 1000000007LL } };
  return s;
}
static struct item changed(struct item s) { s.a++; s.b[1] *= 2; return s; }
static int total(struct item s) { return s.a + s.b[0] + s.b[1] + s.b[2] + s.c + (int)s.in.q; }
static int sum(const int *values, int n) { int t = 0; while (n > 0) t = t * 3 + values[--n]; return t; }
static int filled(int n) {
  int values[60], others[50], small[3] = { n, n + 1, n + 2 };
  for (int i = 0; i < 60; i++) values[i] = i * n;
  for (int i = 0; i < 50; i++) others[i] = values[59 - i] ^ small[i % 3];
  return others[n & 31] + values[n & 15];
}
int main(void) {
  struct item a = make(3), b, c;
  c = b = changed(a);
  printf("%d %d %d\n", total(a), total(b), total(changed(changed(c))));
  struct pair w = { { a, make(9) } }, v;
  v = w;
  v.of[0] = v.of[1];
  w.of[1] = changed(v.of[0]);
  printf("%d %d %d %d\n", total(w.of[0]), total(w.of[1]), total(v.of[0]), make(4).b[2]);
  struct item *p = w.of;
  *p = p[1];
  p->in = a.in;
  b = a.a > 2 ? make(1) : c;
  printf("%d %d %d\n", total(*p), total(b), (a = c, a).b[1]);
  struct item list[3] = { [1] = make(2) };
  list[2] = list[1];
  list[0] = *&list[2];
  int i = 0;
  list[i++] = make(8);
  printf("%d %d %d\n", i, total(list[0]), total(list[2]));
  printf("%d %d\n", filled(i + 4), filled(9));
  int local[5] = { 1, 2, 3, 4, 5 };
  return (sum(local, 5) + total(make(1))) & 127;
}
