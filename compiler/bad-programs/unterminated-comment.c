// expect: lex-unterminated-comment 5:1
int main(void) {
  return 0;
}
/* no end
