// expect: lex-bad-constant 3:10
int main(void) {
  return 089;
}
