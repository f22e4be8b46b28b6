// expect: type-not-constant 2:16
__emem int a = ctx();
int main(void) {
  return a;
}
