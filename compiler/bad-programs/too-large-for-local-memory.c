// expect: type-too-large 3:7
int main(void) {
  int a[200];
  a[0] = 1;
  return a[0];
}
