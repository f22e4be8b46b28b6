// expect: pp-bad-line 2:2
#line none
int main(void) {
  return 0;
}
