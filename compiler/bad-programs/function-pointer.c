// expect: type-function-pointer 6:10
static int f(void) {
  return 1;
}
int main(void) {
  return f != 0;
}
