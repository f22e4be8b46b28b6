// expect: type-bad-transfer 5:25
__emem int table[64];
int main(void) {
  __xread unsigned int in[32];
  mem_read32(in, table, 132);
  return in[0];
}
