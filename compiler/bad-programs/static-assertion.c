// expect: static-assertion 2:1, static-assertion 4:3, type-not-constant 8:18
_Static_assert(sizeof(int) == 8, "int has eight octets");
struct s {
  _Static_assert(1 > 2);
  int a;
};
int main(void) {
  _Static_assert(ctx(), "");
  return 0;
}
