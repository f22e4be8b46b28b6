// expect: type-too-large 2:13, type-index-out-of-bounds 3:19, type-bad-length 4:13, type-too-large 6:24
__emem int a[65536][65536] = {{1}};
__emem int b[] = {[0x7fffffff] = 1};
__emem int c[0x7fffffff];
struct many { char x[100000000], y[100000000], z[100000000]; };
__emem struct many d = {{1}};
int main(void) {
  return a[0][0] + b[0] + c[0] + d.x[0];
}
