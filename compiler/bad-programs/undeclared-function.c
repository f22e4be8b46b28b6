// expect: name-undeclared 3:10
int main(void) {
  return missing(1);
}
