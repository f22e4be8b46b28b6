// expect: pp-bad-pragma 2:1, *
_Pragma(none)
int main(void) {
  return 0;
}
