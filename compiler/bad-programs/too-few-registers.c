// expect: lower-out-of-bounds 5:3
__emem int table[64];
int main(void) {
  __xread unsigned int in[4];
  mem_read32(in, table, 32);
  return in[0];
}
