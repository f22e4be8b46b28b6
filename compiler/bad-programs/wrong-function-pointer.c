// expect: type-argument-count 6:11, type-bad-assignment 7:9, type-bad-initializer 3:31, type-bad-initializer 8:12
static int one(int a) { return a; }
static int (*two)(int, int) = one;
static int (*right)(int) = one;
int main(void) {
  int a = right(1, 2);
  two = 5;
  int *p = one;
  return a + *p;
}
