#include <stdio.h>

/* float and double as fixed point (--lower); what is printed is rounded coarsely enough to agree with floating point. */
static float weights[3][2] = {{0.5f, -1.25f}, {2.0f, 0.75f}, {-0.125f, 3.5f}};
static const double table[] = {1.0, 0.5, 0.25, 3.141592653589793, -2.718281828};

static void show(double x) {
  int milli = (int)(x * 1000.0 + (x < 0 ? -0.5 : 0.5));
  printf("%d\n", milli);
}
static float sigmoid(float x) {
  /* A rational stand-in for the logistic function. */
  float a = x < 0 ? -x : x;
  return 0.5f * (1.0f + x / (1.0f + a));
}
static double root(double x) {
  double r = x > 1 ? x : 1;
  for (int i = 0; i < 30; i++) r = (r + x / r) / 2;
  return r;
}

int main(void) {
  float input[2] = {1.5f, -2.0f}, output[3];
  for (int i = 0; i < 3; i++) {
    float sum = 0;
    for (int j = 0; j < 2; j++) sum += weights[i][j] * input[j];
    output[i] = sigmoid(sum);
    show(output[i]);
  }
  show(root(2));
  show(root(12345.678));
  double total = 0;
  for (int i = 0; i < 5; i++) total += table[i] * (i + 1);
  show(total);
  show(total / -3.7);
  total *= 2;
  total -= 1;
  total /= 0.25;
  show(total);
  float f = 7;
  f++;
  f /= 3;
  show(f);
  int i = -7;
  i *= 1.5;
  printf("%d %d %d\n", i, (int)-2.9, (int)2.9f);
  unsigned char octet = 3.99;
  long long wide = -123456.75;
  printf("%d %d\n", octet, (int)wide);
  printf("%d %d %d %d\n", f > 2.5, f < 2.5f, -f < 0, !f);
  _Bool some = 0.25f;
  double zero = 0;
  printf("%d %d %d\n", some, zero ? 1 : 0, (f ? 2 : 3));
  show(1 ? 2 : 0.5);
  show(-f);
  show((double)f * 3 - 8);
  show(1e3 / 7 + 0x1.8p1);
  return (int)total & 7;
}
