#include <stdio.h>
#include <stdint.h>
typedef enum { A, B = -3, C } e;
typedef int arr[3];
struct s; typedef struct s s;
struct s { s *self; int (*f)(s *, int); union { int i; char c[4]; }; const char *names[2]; };
static int method(s *this, int x) { return this->i + x; }
static s obj = { &obj, method, {7}, {"p", "q"} };
static arr *ap; 
static int vals[2][3] = {{1,2,3},{4,5,6}};
static int *rows[] = { vals[0], vals[1] + 1, &vals[1][2] };
static unsigned char bytes[] = { 'a', '\n', 0377, '\x7f' };
static int sum(int n, const int a[static 2]) { int t = 0; while (n--) t += *a++; return t; }
static inline int sq(int x) { return x * x; }
#define MAX(a,b) ((a)>(b)?(a):(b))
static struct { unsigned a:1, b:2; } bf[2] = {{1,2},{0,3}};
static long long mix(signed char a, unsigned short b, long c, unsigned long long d) { return a * b + c - (long long)d; }
static void out(unsigned long long v) { char b[24]; int n = 0; do { b[n++] = '0' + v % 10; v /= 10; } while (v); while (n) putchar(b[--n]); putchar('\n'); }
static const int *find(const int *p, int n, int x) { for (const int *e = p + n; p != e; ++p) if (*p == x) return p; return 0; }
static int nested(int a) { int r = 0; for (int i = 0; i < a; i++) { switch (i % 4) { case 0: continue; case 1: { int j = i; while (1) { if (j > 10) goto done; j += 3; } done: r += j; break; } default: r -= i; } } return r; }
int main(void) {
  printf("%d %d %d\n", A, B, C);
  printf("%d %s\n", obj.self->f(&obj, 5), obj.self->self->names[1]);
  obj.c[3] = 1; 
  ap = &vals[1]; printf("%d %d\n", (*ap)[2], rows[1][0] + *rows[2]);
  printf("%d %d\n", bytes[2], sum(3, vals[0]) + sum(2, rows[1]));
  printf("%d\n", MAX(sq(3), sq(-4)));
  printf("%d %d\n", bf[0].b, bf[1].a);
  out(mix(-5, 60000, -7, 100) + 10000000ull); out(18446744073709551615ull); out((uint64_t)1 << 63);
  const int *f = find(vals[0], 6, 5); printf("%d %d\n", (int)(f - vals[0]), find(vals[0], 6, 9) == NULL);
  printf("%d\n", nested(23));
  int x = 5; int *p = &x, **pp = &p; **pp += 2; int y = *p++ + 1; p--; printf("%d %d %d\n", x, y, *p == **pp);
  unsigned u = -1; u >>= 4; int sgn = -17; sgn >>= 2; printf("%u %d %d\n", u, sgn, -17 / 4);
  char c = 200; printf("%d %d\n", c, (unsigned char)c);
  int arr2[4] = {0}, i = 0; arr2[i] = 1; i++; arr2[++i] = 7; printf("%d %d\n", arr2[2], i);
  uintptr_t q = (uintptr_t)&x; printf("%d\n", *(int *)q);
  typeof(x) z = 3; __auto_type_skip: z++; printf("%d %d\n", z, (int)sizeof(struct s) > 10);
  struct { int a; struct { int b, c; } in; } m = { .in = { .c = 4 }, .a = 1 }, mm; mm = m; mm.in.b = m.in.c << 2; printf("%d %d %d\n", mm.a, mm.in.b, mm.in.c);
  static int fib[20]; fib[0] = fib[1] = 1; for (int k = 2; k < 20; k++) fib[k] = fib[k-1] + fib[k-2]; printf("%d\n", fib[19]);
  const char *msg = x > 3 ? "big" : "small"; puts(msg); putchar("hex"[1]); putchar('\n');
  for (const char *const *n = obj.names; n < obj.names + 2; n++) printf("%s;", *n); puts("");
  if (!(x & 1) == 0 && ~x < 0) puts("bits");
  short sa[3] = {1, -2, 3}; short *sp = &sa[2]; sp -= 1; printf("%d %d\n", *sp, sp[1]);
  return 3;
}
