#include <stdio.h>

/* Recursion with a bound: an explicit stack (--lower). */
#pragma lambda recursion(factorial, 25)
#pragma lambda recursion(fibonacci, 20)
#pragma lambda recursion(even, 60)
#pragma lambda recursion(hanoi, 12)
#pragma lambda recursion(sort, 20)
static unsigned long long factorial(unsigned n) { return n < 2 ? 1 : n * factorial(n - 1); }
static int fibonacci(int n) {
  if (n < 2) return n;
  return fibonacci(n - 1) + fibonacci(n - 2);
}
static int odd(int n);
static int even(int n) { return n == 0 ? 1 : odd(n - 1); }
static int odd(int n) { return n == 0 ? 0 : even(n - 1); }
static int moves;
static void hanoi(int n, char from, char to, char other) {
  if (n == 0) return;
  hanoi(n - 1, from, other, to);
  moves = moves * 31 + from * 3 + to;
  hanoi(n - 1, other, to, from);
}
static void sort(int *values, int from, int to) {
  if (from >= to) return;
  int pivot = values[(from + to) / 2], i = from, j = to;
  while (i <= j) {
    while (values[i] < pivot) i++;
    while (values[j] > pivot) j--;
    if (i <= j) {
      int t = values[i];
      values[i++] = values[j];
      values[j--] = t;
    }
  }
  sort(values, from, j);
  sort(values, i, to);
}
struct tree { int key; struct tree *left, *right; };
__attribute__((recursion(16))) int height(const struct tree *t) {
  if (!t) return 0;
  int left = height(t->left), right = height(t->right);
  return 1 + (left > right ? left : right);
}
/* Each open call has objects of its own. */
__attribute__((recursion(9))) int permute(int n, int *outer) {
  int mine[4] = {n, n * 2, n * 3, outer ? outer[1] : 7};
  struct tree local = {n, 0, 0};
  int *p = &mine[2];
  if (n == 0) return mine[3];
  int below = permute(n - 1, mine);
  return below * 3 + mine[0] + *p + local.key + mine[3];
}
struct pair { int a, b; };
__attribute__((recursion(30))) struct pair count(struct pair p) {
  if (p.a == 0) return p;
  struct pair q = count((struct pair){p.a - 1, p.b + p.a});
  q.a += p.a;
  return q;
}

int main(void) {
  unsigned long long f = factorial(20);
  printf("%u %u\n", (unsigned)(f / 1000000000), (unsigned)(f % 1000000000));
  printf("%d %d %d\n", fibonacci(13), even(50), odd(8));
  hanoi(6, 'a', 'b', 'c');
  printf("%d\n", moves);
  int values[] = {5, 3, 8, -1, 9, 2, 7, 7, 0, 4};
  sort(values, 0, 9);
  for (int i = 0; i < 10; i++) printf("%d ", values[i]);
  struct tree a = {1}, b = {2, &a}, c = {3, &b, &a}, d = {4, 0, &c};
  printf("\n%d %d\n", height(&d), permute(6, 0));
  struct pair p = count((struct pair){10, 1});
  printf("%d %d\n", p.a, p.b);
  return 0;
}
