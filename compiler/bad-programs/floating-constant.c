// expect: lex-bad-constant 3:11
int main(void) {
  int a = 1.5;
  return a;
}
