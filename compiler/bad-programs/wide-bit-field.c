// expect: type-bad-bit-field 3:16, type-bad-bit-field 4:22, type-bad-bit-field 5:9
struct bits {
  unsigned int a : 33;
  unsigned long long b : 65;
  int * c : 3;
};
int main(void) {
  return 0;
}
