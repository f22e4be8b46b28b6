// expect: type-bad-argument 6:34
__emem unsigned int table[4];
int main(void) {
  __xread unsigned int a[4];
  SIGNAL sig;
  __mem_read32(a, table, 16, 16, later, &sig);
  return a[0];
}
