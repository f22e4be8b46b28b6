#include <stdio.h>

struct point { int x, y; };
struct big { int values[20]; struct point at; };
union either { unsigned word; struct point point; };
struct odd { char text[5]; };

static struct point make(int x, int y) {
  struct point p = {x, y};
  return p;
}
static struct point add(struct point a, struct point b) {
  a.x += b.x;
  a.y += b.y;
  return a;
}
__attribute__((noinline)) struct point swapped(struct point p) {
  return (struct point){p.y, p.x};
}
__attribute__((noinline)) struct big filled(struct big b, int by) {
  for (int i = 0; i < 20; i++) b.values[i] += by + i;
  b.at = swapped(b.at);
  return b;
}
static struct odd odd_of(const char *s) {
  struct odd o;
  for (int i = 0; i < 5; i++) o.text[i] = s[i];
  return o;
}
static union either as_word(unsigned w) {
  union either e;
  e.word = w;
  return e;
}
static int sum(const struct big *b) {
  int total = 0;
  for (int i = 0; i < 20; i++) total += b->values[i];
  return total;
}

struct point points[4] = {{1, 2}, [2] = {.y = 5}, {7, 8}};

int main(void) {
  struct point a = make(3, 4), b = make(10, 20), c;
  c = add(a, add(b, make(100, 200)));
  printf("%d %d\n", c.x, c.y);
  printf("%d %d\n", a.x, b.y);
  struct point d = c.x > 100 ? a : b;
  printf("%d %d\n", d.x, d.y);
  printf("%d\n", (c.x > 1000 ? a : b).y);
  printf("%d\n", swapped(c).x);
  struct big x = {{1, 2, 3}, {8, 9}}, y;
  y = filled(x, 5);
  printf("%d %d %d %d\n", sum(&x), sum(&y), y.at.x, y.at.y);
  y = x = filled(filled(y, 1), 2);
  printf("%d %d %d\n", sum(&x), sum(&y), x.at.x);
  struct odd o = odd_of("hello"), list[3];
  list[1] = o;
  list[2] = list[1];
  list[0] = odd_of("world");
  list[1].text[0] = 'j';
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 5; j++) putchar(list[i].text[j]);
    putchar('\n');
  }
  printf("%x\n", as_word(0xabcd).word);
  points[1] = points[3];
  for (int i = 0; i < 4; i++) printf("%d,%d ", points[i].x, points[i].y);
  putchar('\n');
  struct point *p = &points[2];
  *p = add(*p, make(1, 1));
  struct point local[3];
  for (int i = 0; i < 3; i++) local[i] = make(i, i * i);
  p = local;
  int total = 0;
  for (int i = 0; i < 3; i++, p++) total += p->x * 10 + p->y;
  printf("%d %d %d\n", points[2].x, points[2].y, total);
  return 0;
}
