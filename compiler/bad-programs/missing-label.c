// expect: name-undeclared 3:3
int main(void) {
  goto end;
  return 0;
}
