// expect: type-const 4:3
int main(void) {
  const int a = 1;
  a = 2;
  return a;
}
