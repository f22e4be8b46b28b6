// expect: type-const 4:3, parse-expected-token 5:12, type-not-a-pointer 6:10
int main(void) {
  const int a = 5;
  a = 6;
  return a 1;
  return *a;
}
