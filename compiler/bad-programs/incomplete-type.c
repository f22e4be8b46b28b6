// expect: type-incomplete 4:16
struct later;
int main(void) {
  struct later x;
  return 0;
}
