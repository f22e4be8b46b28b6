// expect: type-bad-argument 5:14
__emem int table[64];
int main(void) {
  unsigned int x = 0;
  mem_read32(&x, table, 4);
  return x;
}
