// expect: name-no-entry 1:1
int start(void) {
  return 0;
}
