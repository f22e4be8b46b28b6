/* Counting, reversing and finding bits. */
#include <stdint.h>
#include <stdio.h>

static int population(uint32_t x) {
  x -= x >> 1 & 0x55555555u;
  x = (x & 0x33333333u) + (x >> 2 & 0x33333333u);
  return (int)((x + (x >> 4) & 0x0f0f0f0fu) * 0x01010101u >> 24);
}

static uint32_t reversed(uint32_t x) {
  x = x >> 1 & 0x55555555u | (x & 0x55555555u) << 1;
  x = x >> 2 & 0x33333333u | (x & 0x33333333u) << 2;
  x = x >> 4 & 0x0f0f0f0fu | (x & 0x0f0f0f0fu) << 4;
  x = x >> 8 & 0x00ff00ffu | (x & 0x00ff00ffu) << 8;
  return x >> 16 | x << 16;
}

static int leading_zeros(uint64_t x) {
  int count = 0;
  for (uint64_t bit = 1ull << 63; bit != 0 && (x & bit) == 0; bit >>= 1) count++;
  return count;
}

static uint32_t gray(uint32_t x) { return x ^ x >> 1; }

static uint64_t swapped(uint64_t x) {
  uint64_t result = 0;
  for (int i = 0; i < 8; i++, x >>= 8) result = result << 8 | (x & 0xff);
  return result;
}

static int is_power_of_two(uint32_t x) { return x != 0 && (x & (x - 1)) == 0; }

int main(void) {
  printf("%d %d %d\n", population(0), population(0xdeadbeef), population(~0u));
  printf("%08x %08x\n", reversed(1), reversed(0x12345678));
  printf("%d %d %d\n", leading_zeros(0), leading_zeros(1), leading_zeros(0x00f0000000000000ull));
  for (uint32_t i = 0; i < 8; i++) printf("%u ", gray(i));
  printf("\n%016llx\n", (unsigned long long)swapped(0x0123456789abcdefull));
  return is_power_of_two(64) + is_power_of_two(0) + is_power_of_two(96) * 10;
}
