#include <stdio.h>

static int duff(const char *from, char *to, int count) {
  int turns = (count + 3) / 4;
  switch (count % 4) {
    case 0:
      do {
        *to++ = *from++;
        case 3: *to++ = *from++;
        case 2: *to++ = *from++;
        case 1: *to++ = *from++;
      } while (--turns > 0);
  }
  return turns;
}
static int many(int n) {
  switch (n) {
    case -5: return 1;
    case 0: return 2;
    case 3: return 3;
    case 7: return 4;
    case 10: return 5;
    case 11: return 6;
    case 12 ... 20: return 7;
    case 100: return 8;
    case 1000: return 9;
    case 100000: return 10;
    case -100000: return 11;
    default: return 0;
  }
}
static int wide(unsigned long long n) {
  switch (n) {
    case 1ull << 40: return 1;
    case 5: return 2;
    case (1ull << 40) + 5: return 3;
  }
  return 0;
}
static int search(int wanted) {
  int i, j, steps = 0;
  for (i = 0; i < 10; i++)
    for (j = 0; j < 10; j++) {
      steps++;
      if (i * j == wanted) goto found;
    }
  return -1;
found:
  return steps;
}
static int machine(const char *s) {
  int count = 0;
start:
  if (*s == 0) goto end;
  if (*s++ == 'a') goto in_a;
  goto start;
in_a:
  count++;
  if (*s == 'b') {
    s++;
    count += 10;
  }
  goto start;
end:
  return count;
}

int main(void) {
  char buffer[12] = {0};
  duff("eleven char", buffer, 11);
  puts(buffer);
  int inputs[] = {-5, 0, 1, 3, 7, 10, 11, 12, 16, 20, 21, 100, 1000, 100000, -100000, -100001};
  for (unsigned i = 0; i < sizeof inputs / sizeof inputs[0]; i++) printf("%d ", many(inputs[i]));
  printf("\n%d %d %d %d\n", wide(1ull << 40), wide(5), wide((1ull << 40) | 5), wide(6));
  printf("%d %d %d\n", search(42), search(80), search(97));
  printf("%d\n", machine("abxaaab"));
  int n = 0, k = 10;
  while (k-- > 0) {
    if (k % 3 == 0) continue;
    if (k == 1) break;
    n = n * 2 + k;
  }
  do n ^= k; while (++k < 5);
  for (int i = 0, j = 10; i < j; i++, j--) n += i * j;
  printf("%d %d\n", n, (k = 3, k + 1));
  int t = n > 5 ? n < 1000 ? 1 : 2 : 3;
  printf("%d %d %d\n", t, !n || k, n && !k);
  return t;
}
