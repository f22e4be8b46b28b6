// expect: pp-invalid-paste 4:10
#define JOIN(a, b) a##b
int main(void) {
  return JOIN(+, 1);
}
