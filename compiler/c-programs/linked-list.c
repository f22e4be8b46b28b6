/* A list whose links are indexes into a pool. */
#include <stdint.h>
#include <stdio.h>

#define NONE 0xff
struct node { int32_t value; uint8_t next; };
static struct node pool[16];
static uint8_t unused, list = NONE;

static uint8_t take(void) {
  uint8_t taken = unused;
  if (taken != NONE) unused = pool[taken].next;
  return taken;
}

static int insert(int32_t value) {
  uint8_t node = take();
  if (node == NONE) return 0;
  uint8_t *link = &list;
  while (*link != NONE && pool[*link].value < value) link = &pool[*link].next;
  pool[node].value = value;
  pool[node].next = *link;
  *link = node;
  return 1;
}

static int delete(int32_t value) {
  for (uint8_t *link = &list; *link != NONE; link = &pool[*link].next) {
    uint8_t node = *link;
    if (pool[node].value != value) continue;
    *link = pool[node].next;
    pool[node].next = unused;
    unused = node;
    return 1;
  }
  return 0;
}

static void reverse(void) {
  uint8_t reversed = NONE;
  while (list != NONE) {
    uint8_t rest = pool[list].next;
    pool[list].next = reversed;
    reversed = list;
    list = rest;
  }
  list = reversed;
}

int main(void) {
  for (int i = 0; i < 16; i++) pool[i].next = i == 15 ? NONE : (uint8_t)(i + 1);
  int inserted = 0;
  for (int i = 0; i < 20; i++) inserted += insert((i * 37) % 101 - 30);
  int deleted = delete(7) + delete(-30) + delete(999);
  reverse();
  for (uint8_t at = list; at != NONE; at = pool[at].next) printf("%d ", pool[at].value);
  printf("\n%d in, %d out\n", inserted, deleted);
  return inserted - deleted;
}
