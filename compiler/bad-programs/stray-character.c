// expect: lex-stray-character 3:12, *
int main(void) {
  return 1 ` 2;
}
