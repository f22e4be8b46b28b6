#include <stdio.h>
struct node { struct node *next; int v; };
/* The value of a pointer that has just been changed. */
static int top(int *stack, int n) { int *sp = stack + n; int first = *--sp; return first * 10 + *--sp; }
int main(void) {
  int a[6] = { 3, 1, 4, 1, 5, 9 }, *p = a;
  printf("%d ", *(p = p + 1));
  int *q = p = p + 1;
  printf("%d%d ", *q, *p);
  q = p += 1;
  printf("%d%d ", (int)(q - a), *q);
  q = ++p;
  printf("%d%d %d\n", (int)(q - a), *q, *--p);
  struct node list[3] = { { list + 1, 1 }, { list + 2, 2 }, { 0, 3 } }, *i = list, *j;
  j = i = i->next;
  printf("%d", (++i)->v);
  printf("%d", (--i)->v);
  printf("%d%d\n", (i -= 1)->v, j->v);
  char *s = "hello", *t = ++s;
  putchar(*t);
  putchar(*++s);
  putchar(*--s);
  putchar(*(s -= 1));
  puts(++t);
  printf("%d\n", top(a, 6));
  return *(p = &a[2] + 2);
}
