// expect: name-undefined 4:10
int f(int a);
int main(void) {
  return f(1);
}
