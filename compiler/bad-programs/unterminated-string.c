// expect: lex-unterminated-literal 3:12, *
int main(void) {
  char c = "abc;
  return 0;
}
