// expect: parse-expected-expression 3:29, parse-unsupported 3:12
int main(void) {
  int a = ({ int b = 1; b; });
  return a;
}
