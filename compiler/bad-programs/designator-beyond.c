// expect: type-bad-initializer 4:23, type-index-out-of-bounds 2:20, type-index-out-of-bounds 3:20
static int a[3] = {[3] = 1};
static int b[3] = {[1 ... 5] = 1};
static int c[2] = {[0].x = 1};
int main(void) {
  return a[0] + b[0] + c[0];
}
