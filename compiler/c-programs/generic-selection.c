/* _Generic (C11 6.5.1.1): types, pointers to const, default, a macro by type; the operand is not evaluated. */
#include <stdint.h>
#include <stdio.h>

#define KIND(x) _Generic((x), int: "int", unsigned: "unsigned", long long: "long long", char *: "char *", const char *: "const char *", default: "other")

static uint32_t high32(uint32_t x) { return x >> 31; }
static uint32_t high64(unsigned long long x) { return (uint32_t)(x >> 63); }
#define HIGH(x) _Generic((x), uint32_t: high32, unsigned long long: high64)(x)

struct point {
  int x, y;
};

int main(void) {
  unsigned long long big = 1ull << 63;
  const char *text = "text";
  short little = 3;
  int count = 0;
  struct point at = {1, 2};
  puts(KIND(1));
  puts(KIND(1u));
  puts(KIND(-1ll));
  puts(KIND(big));
  puts(KIND("a"));
  puts(KIND(text));
  puts(KIND(little));
  puts(KIND(little + 1));
  puts(KIND(at));
  puts(_Generic(count++, int: KIND('a'), default: "never"));
  return (int)(HIGH(big) + HIGH(0x80000000u) * 2 + HIGH((unsigned long long)0x80000000u) * 4) + _Generic(&at, struct point *: 8, default: 0) + count;
}
