// expect: type-unsupported 2:21
__shared __lmem int x;
int main(void) {
  return x;
}
