// expect: type-bad-transfer 6:26
__emem unsigned int table[8];
int main(void) {
  __xrw unsigned int a[5];
  a[0] = 1;
  mem_test_add(a, table, 20);
  return a[0];
}
