// expect: pp-bad-macro 2:14
#define F(a) __VA_ARGS__
int main(void) {
  return 0;
}
