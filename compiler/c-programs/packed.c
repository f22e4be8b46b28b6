#include <stdio.h>
struct __attribute__((packed)) p { char a; int b; short c; long long d; char e; };
static struct p g = {1, 0x12345678, -2, 0x123456789abcdefll, 5};
static struct p list[3];
static void set(struct p *p, int i) { p->a = i; p->b = i * 1000003; p->c = -i; p->d = i * 10000000007ll; p->e = 7; }
struct __attribute__((packed)) odd { char t; unsigned a : 11; unsigned b : 21; unsigned long long w : 45; short s[3]; };
int main(void) {
  struct odd o = {1, 1000, 1 << 20, 1ull << 44, {1, -2, 3}}, *po = &o;
  o.a += 7; po->b -= 3; o.w |= 5; po->s[1] *= 9; o.s[2]++;
  printf("%d %d %d %x%08x %d %d\n", o.t, o.a, o.b, (unsigned)(o.w >> 32), (unsigned)o.w, o.s[1], po->s[2]);
  struct p l = g;
  l.b += 1;
  l.d++;
  printf("%d %x %d %x%08x %d %d\n", l.a, l.b, l.c, (unsigned)(l.d >> 32), (unsigned)l.d, l.e, (int)sizeof l);
  for (int i = 0; i < 3; i++) set(&list[i], i + 1);
  for (int i = 0; i < 3; i++) printf("%d %d %d %x%08x %d\n", list[i].a, list[i].b, list[i].c, (unsigned)(list[i].d >> 32), (unsigned)list[i].d, list[i].e);
  struct p loc[2];
  for (int i = 0; i < 2; i++) { loc[i].a = 9; loc[i].b = g.b + i; loc[i].c = 3; loc[i].d = -5; loc[i].e = i; }
  printf("%x %d %d %d\n", loc[1].b, loc[0].e, (int)loc[1].d, loc[0].c);
  return 0;
}
