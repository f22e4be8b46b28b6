/* 64-bit integers: every operation that is supported, constants and variables as shift amounts. */
__emem unsigned int out[128];

static unsigned int n;

static void put(unsigned long long value) {
  out[n] = (unsigned int)(value >> 32);
  out[n + 1] = (unsigned int)value;
  n += 2;
}

int main(void) {
  unsigned long long a = 0x123456789abcdef0ull;
  unsigned long long b = 0xfedcba9876543210ull;
  long long s = -5;
  volatile int amount = 1;
  int i;
  n = 0;
  put(a + b);
  put(a - b);
  put(a * b);
  put(a & b);
  put(a | 3);
  put(a ^ b);
  put(~a);
  put(-a);
  put(a << 4);
  put(a << 36);
  put(a >> 4);
  put(a >> 36);
  put(s >> 1);
  put(s >> 40);
  for (i = 0; i < 64; i += 9) {
    put(a << (amount + i));
    put(b >> (amount + i));
    put((long long)b >> (amount + i));
  }
  put(a < b);
  put((long long)a < (long long)b);
  put(a == b || s != -5);
  put(s);
  put((unsigned int)s);
  put((unsigned char)a);
  put((signed char)0xf0 + a);
  put((a ? 10ull : 20ull));
  put(s < amount);
  put(!s);
  a += 0xffffffffffull;
  put(a);
  a -= b;
  put(a++);
  put(--a);
  s *= 3;
  put(s);
  halt();
  return 0;
}
