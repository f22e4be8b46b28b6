// expect: parse-expected-expression 3:15
int main(void) {
  int a = 3 * ;
  return a;
}
