// expect: parse-expected-token 3:16
int main(void) {
  return (1 + 2;
}
