// expect: name-undefined 2:12
extern int count;
int main(void) {
  return count;
}
