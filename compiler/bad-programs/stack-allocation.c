// expect: name-undeclared 3:16
int main(void) {
  char *text = alloca(10);
  return text != 0;
}
