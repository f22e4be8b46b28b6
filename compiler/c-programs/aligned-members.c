#include <stdio.h>
#include <stddef.h>
struct outer {
  char tag;
  int word __attribute__((aligned(8)));
  char c[3];
  _Alignas(16) short s;
  struct { char k; char aligned_4 __attribute__((aligned(4))); } in;
};
static struct outer objects[2] = { { 1, 2, "ab", 3, { 4, 5 } } };
int main(void) {
  struct outer o = objects[0], *p = &o;
  objects[1] = o;
  p->word += objects[1].in.aligned_4;
  printf("%d %d %d %d %d\n", (int)sizeof(struct outer), (int)offsetof(struct outer, word),
         (int)offsetof(struct outer, c), (int)offsetof(struct outer, s), (int)offsetof(struct outer, in.aligned_4));
  return o.word + objects[1].s;
}
