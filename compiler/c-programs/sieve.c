/* Primes below 1000, one bit a number. */
#include <stdint.h>
#include <stdio.h>

#define LIMIT 1000
static uint32_t crossed[(LIMIT + 31) / 32];

int main(void) {
  int count = 0, last = 0;
  for (uint32_t n = 2; n < LIMIT; n++) {
    if (crossed[n / 32] >> (n % 32) & 1) continue;
    count++;
    last = (int)n;
    for (uint32_t multiple = n * n; multiple < LIMIT; multiple += n) crossed[multiple / 32] |= 1u << (multiple % 32);
  }
  printf("%d primes, the last is %d\n", count, last);
  return count;
}
