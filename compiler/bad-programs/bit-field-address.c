// expect: type-bit-field-address 8:11
struct bits {
  unsigned int a : 3;
};
int main(void) {
  struct bits b;
  b.a = 1;
  return *&b.a;
}
