// expect: name-no-such-member 9:12
struct pair {
  int left;
  int right;
};
int main(void) {
  struct pair p;
  p.left = 1;
  return p.middle;
}
