// expect: type-bad-alignment 2:25
__declspec(emem aligned(3)) int a;
int main(void) {
  return a;
}
