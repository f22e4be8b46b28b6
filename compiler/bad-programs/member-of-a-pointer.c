// expect: type-not-a-record 8:12
struct pair {
  int left;
};
int main(void) {
  struct pair p;
  __lmem struct pair *q = &p;
  return q.left;
}
