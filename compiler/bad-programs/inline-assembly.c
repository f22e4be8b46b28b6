// expect: parse-unsupported 4:3, parse-unsupported 5:3
int main(void) {
  int a = 1;
  __asm { alu[a, a, +, 1] }
  asm("nop");
  a++;
  return b;
}
