// expect: type-not-a-function 4:10
int main(void) {
  int a = 1;
  return a(2);
}
