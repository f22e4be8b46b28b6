#include <stdio.h>
#include <stdlib.h>

/* A heap of a known size: a pool (--lower). */
#pragma lambda pool(12, 24)
struct node { int value; struct node *next; };

static struct node *push(struct node *list, int value) {
  struct node *made = malloc(sizeof *made);
  if (!made) return list;
  made->value = value;
  made->next = list;
  return made;
}
static struct node *drop(struct node *list) {
  struct node *next = list->next;
  free(list);
  return next;
}

int main(void) {
  struct node *list = NULL;
  for (int i = 0; i < 10; i++) list = push(list, i * i);
  for (int i = 0; i < 4; i++) list = drop(list);
  for (int i = 0; i < 3; i++) list = push(list, -i);
  int sum = 0;
  for (struct node *n = list; n; n = n->next) sum = sum * 3 + n->value;
  while (list) list = drop(list);
  int *cleared = calloc(4, sizeof *cleared);
  cleared[2] = 5;
  cleared = realloc(cleared, 20);
  printf("%d %d %d\n", sum, cleared[1], cleared[2]);
  free(cleared);
  free(NULL);
  return 0;
}
