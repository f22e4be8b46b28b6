// expect: parse-expected-token 6:1
int main(void) {
  if (1) {
    return 0;
}
