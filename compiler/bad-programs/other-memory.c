// expect: type-other-memory 5:7
__lmem int *p;
__emem int x;
int main(void) {
  p = &x;
  return *p;
}
