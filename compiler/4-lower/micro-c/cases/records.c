/* Structures, unions, bit-fields, arrays, pointers; in every memory that C can reach directly. */
struct inner {
  unsigned char a;
  unsigned short b;
  int c[3];
};
struct outer {
  struct inner pair[2];
  unsigned int flag : 1;
  unsigned int mode : 7;
  unsigned int rest : 24;
  signed int small : 5;
  unsigned char bytes[6];
  unsigned long long wide;
  union {
    unsigned int word;
    int alias;
  };
};
typedef struct outer outer_t;
enum colour { RED, GREEN = 5, BLUE };

__emem unsigned int out[96];
__emem outer_t in_emem;
__imem outer_t in_imem;
__ctm outer_t in_ctm;
__imem const int table[2][3] = {{1, 2, 3}, {4, 5}};
__emem const unsigned char name[] = "octets";
__emem struct inner preset[3] = {{1, 2, {3, 4, 5}}, [2] = {.c = {[1] = 7}, .a = 9}};

static unsigned int k;

#define EXERCISE(object)              \
  object.pair[1].a = 200;                          \
  object.pair[1].b = 0xabcd;                       \
  object.pair[i].c[i + 1] = -12;                   \
  object.pair[0].c[0] = 77;                        \
  object.flag = 3;                                 \
  object.mode = 0x55;                              \
  object.rest = 0x123456;                          \
  object.small = 13 + i;                           \
  object.bytes[i] = 0x1ff;                         \
  object.bytes[i + 4] = 5;                         \
  object.wide = 0x1122334455667788ull;             \
  object.word = 0x80000001u;                       \
  out[k++] = object.pair[i].a;                     \
  out[k++] = object.pair[1].b;                     \
  out[k++] = object.pair[1].c[2];                  \
  out[k++] = object.pair[i - 1].c[0];              \
  out[k++] = object.flag;                          \
  out[k++] = object.mode;                          \
  out[k++] = object.rest;                          \
  out[k++] = object.small;                         \
  out[k++] = object.bytes[1] + object.bytes[i + 4];\
  out[k++] = object.wide >> 32;                    \
  out[k++] = object.wide;                          \
  out[k++] = object.alias;

int main(void) {
  volatile int one = 1;
  int i = one;
  __lmem outer_t local;
  __lmem int row[5] = {10, 20, 30};
  __lmem int *p = row;
  __lmem int *q = &row[4];
  __lmem struct inner *r = &local.pair[0];
  k = 0;
  EXERCISE(in_emem)
  EXERCISE(in_imem)
  EXERCISE(in_ctm)
  EXERCISE(local)
  in_ctm.pair[0] = local.pair[1];
  out[k++] = in_ctm.pair[0].b + in_ctm.pair[0].a;
  in_emem = local;
  out[k++] = in_emem.pair[1].c[2];
  out[k++] = table[1][i] + table[0][2] + table[1][2];
  out[k++] = sizeof(name) + name[i + 1];
  out[k++] = preset[2].c[1] * 1000 + preset[2].a * 100 + preset[0].c[2] * 10 + preset[1].a;
  out[k++] = p[1] + *(p + 2) + row[3];
  *q = 5;
  p += i;
  *p++ += 7;
  out[k++] = row[4] + row[1];
  out[k++] = q - p;
  out[k++] = p < q && p != q;
  r++;
  out[k++] = r->b;
  r->c[1] = 4;
  out[k++] = local.pair[1].c[1];
  out[k++] = GREEN + BLUE * 10;
  out[k++] = sizeof(struct inner) + sizeof(row) * 100;
  halt();
  return 0;
}
