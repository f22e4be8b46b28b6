// expect: parse-expected-token 4:3
int main(void) {
  int a = 1
  return a;
}
