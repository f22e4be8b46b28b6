/* Structures of more octets than registers have room for, by value: in, out, nested, and changed by who was given them. */
#include <stdint.h>
#include <stdio.h>

#ifdef __GNUC__
#define OUT_OF_LINE __attribute__((noinline))
#else
#define OUT_OF_LINE __noinline
#endif

typedef struct {
  uint32_t word[20];
} Twenty;

typedef struct {
  uint32_t word[40];
  uint8_t tag;
  uint64_t total;
} Forty;

typedef struct {
  uint32_t word[64];
  uint8_t tag;
  uint64_t total;
} SixtyFour;

OUT_OF_LINE Twenty numbered(uint32_t first) {
  Twenty made;
  for (int i = 0; i < 20; i++) made.word[i] = first + i;
  return made;
}

OUT_OF_LINE uint32_t product(Twenty a, Twenty b) {
  uint32_t sum = 0;
  for (int i = 0; i < 20; i++) sum += a.word[i] * b.word[19 - i];
  a.word[0] = sum;
  return a.word[0] + b.word[0];
}

OUT_OF_LINE Forty mixed(Forty a, int step, SixtyFour b) {
  for (int i = 0; i < 40; i++) a.word[i] = a.word[i] * 3 + b.word[i + step] + step;
  a.total += b.tag;
  a.tag += step;
  return a;
}

static SixtyFour spread(SixtyFour a, int step, Twenty b) {
  for (int i = 0; i < 64; i++) a.word[i] = a.word[i] * 5 + b.word[i % 20] + step;
  a.total += a.word[step];
  a.tag ^= step;
  return a;
}

static uint32_t chosen(Forty a, int which, Twenty b, long long more, Forty c, SixtyFour d) {
  b.word[which] += a.word[which];
  return b.word[which] + c.word[1] + d.word[which] + (uint32_t)more;
}

int main(void) {
  Twenty twenty = numbered(3);
  Forty forty;
  SixtyFour many;
  for (int i = 0; i < 40; i++) forty.word[i] = i * 9;
  forty.tag = 250;
  forty.total = 5000000000ull;
  for (int i = 0; i < 64; i++) many.word[i] = i * 7;
  many.tag = 9;
  many.total = 1;
  printf("%u %u\n", product(twenty, numbered(8)), twenty.word[0]);
  forty = mixed(mixed(mixed(forty, 1, many), 2, many), 24, many);
  many = spread(spread(many, 3, twenty), 60, numbered(100));
  many = spread(spread(spread(many, 1, twenty), 2, twenty), 5, numbered(1));
  forty = many.tag & 1 ? mixed(forty, 4, many) : forty;
  printf("%u %u %llu\n", forty.word[39], forty.tag, (unsigned long long)forty.total);
  printf("%u %u %llu\n", many.word[63], many.tag, (unsigned long long)many.total);
  printf("%u\n", chosen(mixed(forty, 7, many), 5, twenty, -3, forty, spread(many, 8, twenty)));
  return (int)(many.word[7] & 63);
}
