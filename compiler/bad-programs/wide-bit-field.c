// expect: type-bad-bit-field 3:16
struct bits {
  unsigned int a : 33;
};
int main(void) {
  return 0;
}
