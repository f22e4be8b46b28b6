// expect: type-floating-point 2:1
float ratio;
int main(void) {
  return 0;
}
