// expect: lex-bad-constant 4:14, type-floating-point 2:1, type-floating-point 3:1, type-floating-point 3:20
static float scale = 1;
static double half(double x) {
  return x * 0.5;
}
int main(void) {
  return (int)half(scale);
}
