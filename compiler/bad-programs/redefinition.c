// expect: name-redefined 4:7
int main(void) {
  int a = 1;
  int a = 2;
  return a;
}
