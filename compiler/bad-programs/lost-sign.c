// expect: type-bad-assignment 5:7, type-bad-initializer 6:14
int main(void) {
  long long wide = 5;
  int *p;
  p = &wide;
  short *q = p;
  return *p + *q;
}
