// expect: type-other-memory 4:12
int main(void) {
  int a = 1;
  int *p = &a;
  return *p;
}
