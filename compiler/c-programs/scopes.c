#include <stdio.h>
int x = 5, later_user(void);
int f(void) { return x; }
int hidden = 40;
/* Without a negative constant an enumeration is unsigned, with one it is not. */
enum kind { NONE, ONE, TWO };
enum sign { MINUS = -1, ZERO, PLUS };
struct bits { enum kind k : 2; enum sign s : 2; };
static int after_block(int n) {
  int table[7];
  int *end = &table[7], count = 0, grid[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
  for (int *p = grid[0]; p < grid[2]; p++) count += *p;
  for (int *p = table; p != end; p++) *p = n++, count++;
  return count + *(end - 1);
}
int main(void) {
  int x = 6, r = 0;
  { extern int x; x++; r += x; }
  { extern int late; late += 2; r += late; }
  { int hidden = 1; { extern int hidden; r += hidden; } r += hidden; }
  { int f = 3; r += f; { int f(void); r += f(); } }
  { struct f { int x; } f = { 2 }; r += f.x; }
  { typedef int T; { int T = 4; r += T; } T z = 8; r += z; }
  printf("%d %d %d\n", r, x, later_user());
  struct bits b = { TWO, MINUS };
  enum kind k = TWO;
  enum sign s = MINUS;
  printf("%d %d %d %d\n", b.k, b.s, k - TWO - 1 > 0, s < 0);
  printf("%d\n", after_block(3));
  goto r;
r: return r;
}
int late = 7;
int later_user(void) { return late * 2; }
