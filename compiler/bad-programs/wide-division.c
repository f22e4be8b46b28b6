// expect: type-unsupported 5:32, type-unsupported 6:28, type-unsupported 7:5
int main(void) {
  unsigned long long n = ctx();
  unsigned long long constant = 100ull / 7ull;
  unsigned long long a = 10ull / n;
  unsigned long long b = n % 3;
  n /= 2;
  return (int)(a + b + n + constant);
}
