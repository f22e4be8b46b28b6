/* Lists in braces: designators that lead to an aggregate whose values follow without braces of their own. */
struct inner {
  unsigned char a;
  unsigned short b;
  int c[3];
};
struct outer {
  int first;
  struct inner in[2];
  int last;
};

__emem unsigned int out[28];
__emem const struct inner preset[3] = {{1, 2, {3, 4, 5}}, [2] = {.c = 9, 8, .a = 7}, [1] = 6, 5};
__emem const int grid[3][2] = {[1] = 4, 5, 6, [0] = 1};
__emem const struct outer deep = {.in = 11, 12, 13, 14, 15, 16, .last = 18};

int main(void) {
  unsigned int i, k = 0;

  for (i = 0; i < 3; i++) {
    out[k++] = preset[i].a;
    out[k++] = preset[i].b;
    out[k++] = preset[i].c[0];
    out[k++] = preset[i].c[1];
    out[k++] = preset[i].c[2];
  }
  for (i = 0; i < 3; i++) {
    out[k++] = grid[i][0];
    out[k++] = grid[i][1];
  }
  out[k++] = deep.first;
  out[k++] = deep.in[0].a;
  out[k++] = deep.in[0].b;
  out[k++] = deep.in[0].c[0];
  out[k++] = deep.in[0].c[2];
  out[k++] = deep.in[1].a;
  out[k++] = deep.last;
}
