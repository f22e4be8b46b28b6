#include <stdio.h>

struct flags { unsigned a : 3; unsigned b : 5; signed c : 4; unsigned : 4; unsigned d : 16; };
struct wide { unsigned long long low : 20; unsigned long long high : 40; long long s : 4; };
struct mixed { char tag; unsigned x : 7; unsigned short y; unsigned long long z : 33; _Bool bit : 1; };

static struct flags global = {1, 2, -3, 4};
static struct wide wide = {0x12345, 0x9876543210ull, -5};

int main(void) {
  struct flags f = {.a = 5, .c = -1, .d = 0xbeef};
  printf("%d %d %d %d\n", f.a, f.b, f.c, f.d);
  f.b = 200;
  f.c = 9;
  printf("%d %d %d\n", f.b, f.c, (f.a = 12));
  f.a++;
  f.d += 0x8000;
  printf("%d %d %d\n", f.a, f.d, f.a - 6 < 0);
  printf("%d %d %d %d\n", global.a, global.b, global.c, global.d);
  global.d = global.c;
  printf("%d\n", global.d);
  printf("%x %x%08x %d\n", (unsigned)wide.low, (unsigned)(wide.high >> 32), (unsigned)wide.high, (int)wide.s);
  wide.high = wide.high * 3 + 1;
  wide.s = 7;
  wide.low--;
  printf("%x %x%08x %d\n", (unsigned)wide.low, (unsigned)(wide.high >> 32), (unsigned)wide.high, (int)wide.s);
  struct wide w = wide;
  w.s += 3;
  printf("%d\n", (int)w.s);
  struct mixed m = {'t', 100, 1000, 0x1abcdef01ull, 1};
  m.z += 1;
  m.bit = 4;
  printf("%c %d %d %d %x %d\n", m.tag, m.x, m.y, (int)(m.z >> 32), (unsigned)m.z, m.bit);
  struct flags array[3] = {{1}, {2}, {3}};
  for (int i = 0; i < 3; i++) array[i].d = array[i].a * 7;
  printf("%d %d\n", array[0].d + array[1].d + array[2].d, array[2].a);
  return 0;
}
