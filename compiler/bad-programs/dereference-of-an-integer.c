// expect: type-not-a-pointer 4:10
int main(void) {
  int a = 1;
  return *a;
}
