// expect: pp-error-directive 2:1
#error not for this NIC
int main(void) {
  return 0;
}
