// expect: type-argument-count 5:3
__emem unsigned int table[4];
int main(void) {
  __xread unsigned int a[4];
  __mem_read32(a, table, 16);
  return a[0];
}
