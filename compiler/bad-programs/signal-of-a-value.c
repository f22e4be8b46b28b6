// expect: type-bad-argument 6:44
__emem unsigned int table[4];
int main(void) {
  __xread unsigned int a[4];
  unsigned int sig;
  __mem_read32(a, table, 16, 16, sig_done, sig);
  return a[0];
}
