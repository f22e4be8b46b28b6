// expect: type-bad-alignment 2:37
static int a __attribute__((aligned(3)));
_Alignas(16) static int b;
int main(void) {
  return a + b;
}
