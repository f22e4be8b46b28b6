// expect: parse-two-memories 2:8
__emem __imem int x;
int main(void) {
  return x;
}
