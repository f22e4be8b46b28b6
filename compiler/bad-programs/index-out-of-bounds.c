// expect: type-index-out-of-bounds 4:12
int main(void) {
  int a[4] = {0};
  return a[4];
}
