// expect: type-bad-address-width 2:20
__ctm __addr40 int x;
int main(void) {
  return x;
}
