#include <stdio.h>

/* Plain pointers to local and to global objects alike. */
static void swap(int *a, int *b) {
  int t = *a;
  *a = *b;
  *b = t;
}
static int length(const char *s) {
  const char *p = s;
  while (*p) p++;
  return (int)(p - s);
}
__attribute__((noinline)) void sort(int *values, int count) {
  for (int i = 0; i < count; i++)
    for (int j = i + 1; j < count; j++)
      if (values[j] < values[i]) swap(&values[i], &values[j]);
}
static int global_values[5] = {5, 3, 9, 1, 7};
static int *chosen = &global_values[1];

struct node { int value; struct node *next; };
static struct node tail = {3, 0}, middle = {2, &tail}, head = {1, &middle};
static struct node *list = &head;
static const char *names[] = {"zero", "one", "two"};
static const char *const *name_pointer = names + 1;
static char text[] = "abc" "def";
static struct { const char *name; int *where; } table[] = {{"a", &global_values[0]}, {"b", global_values + 4}};

static void set(int **to, int *value) { *to = value; }

int main(void) {
  int local_values[7] = {4, 2, 8, 6, 0, -3, 5};
  int a = 1, b = 2;
  swap(&a, &b);
  sort(local_values, 7);
  sort(global_values, 5);
  for (int i = 0; i < 7; i++) printf("%d ", local_values[i]);
  for (int i = 0; i < 5; i++) printf("%d ", global_values[i]);
  printf("\n%d %d %d\n", a, b, *chosen);
  int *p;
  set(&p, &a);
  *p += 40;
  set(&p, global_values + 2);
  *p += 1000;
  printf("%d %d\n", a, global_values[2]);
  p = a > 10 ? &b : chosen;
  *p = 77;
  printf("%d %d\n", b, *chosen);
  for (struct node *n = list; n; n = n->next) printf("%d", n->value);
  struct node local = {0, list}, *n = &local;
  for (; n != 0; n = n->next) printf(" %d", n->value);
  printf("\n%s %s %d %c\n", names[2], *name_pointer, length(names[0]), text[4]);
  printf("%s %d %s %d\n", table[0].name, *table[0].where, table[1].name, *table[1].where);
  char buffer[16];
  char *out = buffer;
  for (const char *in = "pointers"; *in; in++) *out++ = *in;
  *out = 0;
  puts(buffer);
  unsigned short halves[4] = {1, 2, 3, 4};
  unsigned short *half = halves + 3;
  half--;
  printf("%d %d %d\n", *half, half[-1], (int)(half - halves));
  long long wide[3] = {-1, 1ll << 40, 5};
  long long *w = wide;
  w++;
  *w |= 3;
  printf("%d %d\n", (int)(wide[1] >> 32), (int)wide[1]);
  void *any = &a;
  printf("%d\n", *(int *)any);
  int matrix[3][4];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 4; j++) matrix[i][j] = i * 10 + j;
  int (*row)[4] = matrix;
  printf("%d %d\n", row[2][1], (*(row + 1))[3]);
  int *flat = &matrix[0][0];
  printf("%d\n", flat[5]);
  if (&matrix[1][0] > &matrix[0][3] && p != &a) puts("order");
  return length(buffer);
}
