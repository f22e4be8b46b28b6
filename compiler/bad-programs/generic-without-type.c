// expect: type-generic 3:10
int main(void) {
  return _Generic("text", int: 1, unsigned: 2);
}
