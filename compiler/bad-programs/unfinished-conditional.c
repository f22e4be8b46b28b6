// expect: pp-unterminated-conditional 2:1
#if 1
int main(void) {
  return 0;
}
