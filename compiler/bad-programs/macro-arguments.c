// expect: pp-argument-count 4:10, *
#define SUM(a, b) a + b
int main(void) {
  return SUM(1);
}
