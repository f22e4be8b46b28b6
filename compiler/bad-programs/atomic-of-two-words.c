// expect: type-bad-transfer 6:26
__emem unsigned int table[4];
int main(void) {
  __xrw unsigned int a[2];
  a[0] = 1;
  mem_test_add(a, table, 8);
  return a[0];
}
