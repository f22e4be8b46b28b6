// expect: pp-unknown-directive 2:2
#pargma once
int main(void) {
  return 0;
}
