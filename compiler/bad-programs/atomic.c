// expect: parse-unsupported 2:8
static _Atomic int counter;
int main(void) {
  return 0;
}
