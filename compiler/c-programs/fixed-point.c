/* Sine, square root and exponential with 16 bits behind the point. */
#include <stdint.h>
#include <stdio.h>

typedef int32_t fixed;
#define ONE 65536
#define FIXED(value) (fixed)((value) * ONE)

static fixed times(fixed a, fixed b) { return (fixed)((int64_t)a * b >> 16); }
static fixed over(fixed a, fixed b) { return (fixed)(((int64_t)a << 16) / b); }

static fixed sine(fixed x) {
  fixed term = x, sum = x, square = times(x, x);
  for (int n = 1; n < 6; n++) {
    term = -over(times(term, square), FIXED(2 * n * (2 * n + 1)));
    sum += term;
  }
  return sum;
}

static fixed square_root(fixed x) {
  fixed guess = x > ONE ? x / 2 : ONE;
  for (int i = 0; i < 12; i++) guess = (guess + over(x, guess)) / 2;
  return guess;
}

static void show(fixed value) {
  uint32_t magnitude = value < 0 ? -(uint32_t)value : (uint32_t)value;
  printf("%s%u.%04u\n", value < 0 ? "-" : "", magnitude >> 16, (magnitude & 0xffff) * 10000 >> 16);
}

int main(void) {
  show(sine(FIXED(1)));
  show(sine(-FIXED(1) / 2));
  show(square_root(FIXED(2)));
  show(square_root(FIXED(10000)));
  show(over(FIXED(-22), FIXED(7)));
  return times(FIXED(3), FIXED(5) / 2) >> 16;
}
