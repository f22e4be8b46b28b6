// expect: type-bad-initializer 3:30
struct nothing {};
__emem struct nothing a[] = {1};
int main(void) {
  return 0;
}
