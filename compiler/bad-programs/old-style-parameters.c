// expect: parse-expected-declaration 4:1, parse-expected-type 2:14
static int f(a, b)
  int a, b;
{
  return a + b;
}
int main(void) {
  return f(1, 2);
}
