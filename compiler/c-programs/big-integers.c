/* Factorials and Fibonacci numbers of many words. */
#include <stdint.h>
#include <stdio.h>

#define WORDS 8
struct big { uint32_t words[WORDS]; };

static void multiply(struct big *value, uint32_t factor) {
  uint64_t carry = 0;
  for (int i = 0; i < WORDS; i++) {
    carry += (uint64_t)value->words[i] * factor;
    value->words[i] = (uint32_t)carry;
    carry >>= 32;
  }
}

static void add(struct big *to, const struct big *value) {
  uint64_t carry = 0;
  for (int i = 0; i < WORDS; i++) {
    carry += (uint64_t)to->words[i] + value->words[i];
    to->words[i] = (uint32_t)carry;
    carry >>= 32;
  }
}

static uint32_t divide(struct big *value, uint32_t divisor) {
  uint64_t rest = 0;
  for (int i = WORDS - 1; i >= 0; i--) {
    rest = rest << 32 | value->words[i];
    value->words[i] = (uint32_t)(rest / divisor);
    rest %= divisor;
  }
  return (uint32_t)rest;
}

static struct big factorial, one, other, kept;

static void show(struct big *value) {
  static char digits[80];
  int count = 0, any;
  do {
    digits[count++] = (char)('0' + divide(value, 10));
    any = 0;
    for (int i = 0; i < WORDS; i++) any |= value->words[i] != 0;
  } while (any);
  while (count > 0) putchar(digits[--count]);
  putchar('\n');
}

int main(void) {
  factorial.words[0] = 1;
  for (uint32_t n = 2; n <= 40; n++) multiply(&factorial, n);
  show(&factorial);
  one.words[0] = 1;
  for (int i = 0; i < 200; i++) {
    kept = one;
    add(&one, &other);
    other = kept;
  }
  show(&other);
  return 0;
}
