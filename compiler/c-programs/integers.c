#include <stdio.h>
#include <stdint.h>
#include <stdbool.h>

static void show(unsigned long long v) { printf("%08x%08x ", (unsigned)(v >> 32), (unsigned)v); }

int main(void) {
  volatile int zero = 0;
  int64_t x = -0x123456789abcdefll + zero;
  uint64_t u = 0xfedcba9876543210ull + (unsigned)zero;
  for (int by = 0; by < 64; by += 7) {
    show((uint64_t)(x >> by));
    show(u >> by);
    show(u << by);
    putchar('\n');
  }
  uint8_t small = 250;
  int8_t tiny = -100;
  small += 10;
  tiny -= 100;
  printf("%d %d %d\n", small, tiny, (uint8_t)~small);
  uint16_t half = 0xffff;
  printf("%d %d\n", half * half, half + 1);
  printf("%d %d %d\n", -1 < 1u, (int64_t)-1 < 1u, (uint8_t)-1 < 1);
  bool yes = 256, no = 0 == 1;
  _Bool wide = u;
  printf("%d %d %d %d\n", yes, no, wide, yes + yes);
  printf("%d %d %d\n", 'a', '\xff', '\0');
  show(0xffffffffffffffffull * 3);
  show((uint64_t)(x * u));
  show(1ull << 63 | 5);
  show((uint64_t)-1 / 3 * 2);
  putchar('\n');
  int minimum = -2147483647 - 1;
  printf("%d %d %d\n", minimum, -minimum, minimum >> 31);
  printf("%d %d\n", (int)0x80000000u, (short)0x18000);
  unsigned shift = 31;
  printf("%d %d %u\n", 1 << shift >> shift, (1u << shift) >> shift, ~0u >> 28);
  printf("%d %d\n", sizeof(char) + sizeof(short) + sizeof(int) + sizeof(long long), (int)sizeof(1 ? 1ull : 2));
  int i = 5;
  i = i + 3;
  i -= 2, i *= 3;
  int j = i--;
  printf("%d %d %d\n", i > 0, j, 7 % -3);
  printf("%d %d %d\n", -7 / 2, -7 % 2, (unsigned)-7 % 2);
  return 0;
}
