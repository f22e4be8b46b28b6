// expect: parse-unsupported 2:1
__asm__("nop");
int main(void) {
  return 0;
}
