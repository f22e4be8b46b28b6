#include <stdio.h>
#include <stdint.h>

/* Quotients and remainders of all widths and signs, with divisors that vary. */
static uint64_t unsigned64[] = {0, 1, 2, 3, 10, 0x7fffffffull, 0x80000000ull, 0xffffffffull, 0x100000000ull,
                                0x123456789abcdefull, 0x7fffffffffffffffull, 0x8000000000000000ull, 0xffffffffffffffffull};
#define COUNT (sizeof unsigned64 / sizeof unsigned64[0])

static void show(uint64_t value) {
  printf("%08x%08x\n", (unsigned)(value >> 32), (unsigned)value);
}

int main(void) {
  volatile unsigned i, j;
  uint64_t sum = 0;
  for (i = 0; i < COUNT; i++)
    for (j = 1; j < COUNT; j++) {
      uint64_t a = unsigned64[i], b = unsigned64[j];
      int64_t c = (int64_t)a, d = (int64_t)b;
      sum = sum * 31 + a / b;
      sum = sum * 31 + a % b;
      sum = sum * 31 + (uint64_t)(c / (d == -1 ? 1 : d));
      sum = sum * 31 + (uint64_t)(c % (d == -1 ? 3 : d));
      if ((uint32_t)b != 0) {
        sum = sum * 31 + (uint32_t)a / (uint32_t)b;
        sum = sum * 31 + (uint32_t)a % (uint32_t)b;
      }
      if ((int32_t)b != 0 && (int32_t)b != -1) {
        sum = sum * 31 + (uint64_t)((int32_t)a / (int32_t)b);
        sum = sum * 31 + (uint64_t)((int32_t)a % (int32_t)b);
      }
      if ((int16_t)b != 0) sum = sum * 31 + (uint64_t)((int16_t)a / (int16_t)b);
      if ((int8_t)b != 0) sum = sum * 31 + (uint64_t)((int8_t)a % (int8_t)b);
    }
  show(sum);
  show(unsigned64[9] / 10);
  show(unsigned64[12] % 1000000007);
  int64_t negative = -1234567890123456789ll;
  show((uint64_t)(negative / 1000));
  show((uint64_t)(negative % 1000));
  negative /= -7;
  show((uint64_t)negative);
  negative %= 1000000;
  show((uint64_t)negative);
  return 0;
}
