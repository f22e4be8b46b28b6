#include <stdio.h>

typedef int (*operation)(int, int);
static int add(int a, int b) { return a + b; }
static int sub(int a, int b) { return a - b; }
static int mul(int a, int b) { return a * b; }
static operation table[] = {add, sub, &mul};
struct command { const char *name; operation run; };
static const struct command commands[] = {{"add", add}, {"sub", sub}, {"mul", mul}};

static void say(void) { puts("said"); }
static void (*hook)(void) = say;
static int counted;
static void count(void) { counted++; }

static int apply(operation f, int a, int b) { return f ? f(a, b) : -1; }
__attribute__((noinline)) int fold(const int *values, int n, int start, operation f) {
  for (int i = 0; i < n; i++) start = (*f)(start, values[i]);
  return start;
}
static operation choose(int i) { return i < 0 ? 0 : table[i]; }
static void sort(int *v, int n, int (*before)(const int *, const int *)) {
  for (int i = 1; i < n; i++)
    for (int j = i; j > 0 && before(&v[j], &v[j - 1]); j--) {
      int t = v[j];
      v[j] = v[j - 1];
      v[j - 1] = t;
    }
}
static int less(const int *a, const int *b) { return *a < *b; }
static int more(const int *a, const int *b) { return *a > *b; }

int main(void) {
  int values[] = {3, 1, 4, 1, 5, 9, 2, 6};
  for (int i = 0; i < 3; i++) printf("%d ", table[i](20, 3));
  for (int i = 0; i < 3; i++) printf("%s=%d ", commands[i].name, commands[i].run(7, 6));
  printf("\n%d %d %d\n", apply(add, 1, 2), apply(0, 1, 2), apply(choose(2), 5, 6));
  printf("%d %d\n", fold(values, 8, 0, add), fold(values, 8, 1, choose(counted + 2)));
  hook();
  hook = count;
  hook();
  (*hook)();
  printf("%d %d %d\n", counted, hook == count, choose(-1) == 0);
  sort(values, 8, less);
  for (int i = 0; i < 8; i++) printf("%d", values[i]);
  sort(values, 8, more);
  for (int i = 0; i < 8; i++) printf("%d", values[i]);
  putchar('\n');
  return 0;
}
