#include <stdio.h>

/* Many arguments, 64-bit and structure arguments of called functions, results of all kinds. */
struct six { long long a; int b, c, d; short e; char f; };

__attribute__((noinline)) long long many(int a, long long b, char c, short d, unsigned e, long long f, int g, int h, int i, int j) {
  return a + b * 2 + c * 3 + d * 4 + e * 5ll + f * 6 + g * 7 + h * 8 + i * 9 + j * 10;
}
__attribute__((noinline)) struct six build(long long a, int b, struct six from) {
  from.a += a;
  from.b = b;
  from.f++;
  return from;
}
__attribute__((noinline)) _Bool truth(int x) { return x; }
__attribute__((noinline)) unsigned char octet(int x) { return x; }
__attribute__((noinline)) void nothing(int *out, int (*values)[3]) {
  if (!out) return;
  *out = (*values)[0] + (*values)[2];
}
static inline int max(int a, int b) { return a > b ? a : b; }
__attribute__((noinline)) int deeper(int n) { return max(n, 3) * 2; }
__attribute__((noinline)) int deep(int n) { return deeper(n) + deeper(n + 1); }
static int unnamed(int, int b) { return b; }
__attribute__((noinline)) const char *name(int i) {
  static const char *names[] = {"even", "odd"};
  return names[i & 1];
}
__attribute__((noinline)) int *slot(int *base, int i) { return base + i; }

int main(void) {
  long long r = many(1, 1ll << 33, -3, 400, 4000000000u, -5, 7, 8, 9, 10);
  printf("%d %u\n", (int)(r >> 32), (unsigned)r);
  struct six s = {1ll << 35, 2, 3, 4, 5, 6};
  s = build(5, 70, build(1, 1, s));
  printf("%d %u %d %d %d %d %d\n", (int)(s.a >> 32), (unsigned)s.a, s.b, s.c, s.d, s.e, s.f);
  printf("%d %d %d\n", truth(256), octet(300), deep(2) + deep(9));
  int values[3] = {10, 20, 30}, out = 1;
  nothing(0, &values);
  nothing(&out, &values);
  *slot(values, 1) += 5;
  printf("%d %d %s %s\n", out, values[1], name(2), name(3));
  return unnamed(1, 42);
}
