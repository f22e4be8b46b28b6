// expect: name-undeclared 3:3, name-undeclared 4:3
int main(void) {
  goto there;
  goto elsewhere;
  return 0;
}
