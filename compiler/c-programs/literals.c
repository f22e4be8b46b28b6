#include <stdio.h>

struct pair { int a, b; };
static struct pair *global = &(struct pair){4, 5};
static int *numbers = (int[]){1, 2, 3, 4};
static struct { struct pair p; int list[3]; } nested = {.p.b = 9, .list[1] = 8, 7};
static int ranged[10] = {[2 ... 5] = 3, [8] = 1};
static struct pair pairs[] = {[1].a = 6, [1].b = 7, [0] = {1, 2}};
enum color { RED, GREEN = 5, BLUE, LAST = BLUE };
_Static_assert(sizeof(int) == 4, "int has four octets");
static union { int i; struct pair p; } either = {.p = {3, 4}};
static const char *message = "top" "\x41\102\n";

static int total(const struct pair *p, int n) {
  _Static_assert(LAST == 6, "enum");
  int t = 0;
  while (n--) t += p->a * 10 + p->b, p++;
  return t;
}
static int first(struct pair p) { return p.a; }

int main(void) {
  printf("%d %d %d\n", global->a, numbers[3], total((struct pair[]){{1, 2}, {3, 4}}, 2));
  printf("%d %d\n", first((struct pair){.b = 2}), ((struct pair){8, 9}).b);
  int *p = (int[5]){[3] = 6};
  p[0] = 1;
  printf("%d %d %d\n", p[0], p[3], p[4]);
  printf("%d %d %d %d\n", nested.p.a, nested.p.b, nested.list[1], nested.list[2]);
  int sum = 0;
  for (int i = 0; i < 10; i++) sum += ranged[i] * (i + 1);
  printf("%d %d %d %d\n", sum, pairs[1].a, pairs[0].b, (int)(sizeof pairs / sizeof *pairs));
  printf("%d %d %s", either.p.b, BLUE, message);
  for (int i = 0; i < 3; i++) {
    struct pair *fresh = &(struct pair){i};
    fresh->b++;
    printf("%d%d ", fresh->a, fresh->b);
  }
  struct { int x; struct pair inner[2]; } local = {1, {{2, 3}, {.b = 4}}};
  struct pair copy[2] = {local.inner[1], {5, 6}};
  printf("%d %d %d\n", local.inner[1].a, copy[0].b, copy[1].b);
  char text[8] = "abc", *q = text;
  printf("%d %d %s\n", text[3], text[7], q);
  static int calls = 41;
  calls++;
  printf("%d %d %d %d\n", calls, '\'', '\\', "indexed"[3]);
  printf("%d %d\n", (int)sizeof "four", (int)_Alignof(long long) >= 4);
  return 0;
}
