#include <stdio.h>

/* Tentative definitions, statics of blocks, large locals, scopes. */
int tentative;
int tentative;
static int forward[3];
int tentative = 7;
extern int tentative;
static int next(void) {
  static int counter = 5, steps;
  steps++;
  return counter++ * 10 + steps;
}
static int other(void) {
  static int counter;
  return --counter;
}
static int large(int n) {
  int square[40][40];
  char text[600] = "start";
  long long wide[70] = {1, 2, [69] = 5};
  for (int i = 0; i < 40; i++)
    for (int j = 0; j < 40; j++) square[i][j] = i * j + n;
  int sum = 0;
  for (int i = 0; i < 40; i += 3) sum += square[i][39 - i];
  for (int i = 0; i < 600; i++) sum += text[i];
  for (int i = 0; i < 70; i++) sum += (int)wide[i];
  return sum;
}
static int many(void) {
  short a[30], b[60];
  int c[40], d[50];
  unsigned char e[100];
  for (int i = 0; i < 30; i++) a[i] = b[i * 2] = c[i] = d[i] = e[i] = i;
  for (int i = 0; i < 30; i++) a[i] += b[i * 2] * c[i] + d[i] - e[i];
  int sum = 0;
  for (int i = 0; i < 30; i++) sum += a[i];
  return sum;
}
static int shadow(int x) {
  int y = x;
  {
    int x = y + 1;
    for (int y = 0; y < 3; y++) x += y;
    y += x;
  }
  return x * 100 + y;
}

int main(void) {
  forward[1] = 4;
  printf("%d %d %d\n", tentative, forward[0] + forward[1], (int)sizeof forward);
  int a = next(), b = next(), c = other(), d = other();
  printf("%d %d %d %d\n", a, b, c, d);
  printf("%d %d\n", large(1), large(2));
  printf("%d %d\n", many(), shadow(3));
  return 0;
}
