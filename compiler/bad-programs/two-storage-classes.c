// expect: parse-two-storage-classes 2:8
static extern int a;
int main(void) {
  return 0;
}
