/* Functions: inlined with pointers and constants, called with registers, results of all widths. */
__emem unsigned int out[32];
__emem unsigned int calls;

static __noinline unsigned int add3(unsigned int a, unsigned int b, unsigned int c) {
  calls = calls + 1;
  if (a > 100) {
    return a;
  }
  return a + b + c;
}

static __noinline unsigned long long widen(unsigned int a, unsigned long long b) {
  return b + a;
}

static __noinline int outer(int a) {
  return (int)add3(a, 1, 1) * 2;
}

static void swap(__lmem unsigned int *a, __lmem unsigned int *b) {
  unsigned int old = *a;
  *a = *b;
  *b = old;
}

static unsigned int power(unsigned int base, unsigned int exponent) {
  unsigned int result = 1;
  while (exponent-- > 0) {
    result *= base;
  }
  return result;
}

static unsigned int maximum(unsigned int a, unsigned int b) {
  if (a > b) return a;
  return b;
}

int main(void) {
  unsigned int k = 0;
  unsigned int x = 3;
  unsigned int y = 4;
  out[k++] = add3(x, y, 5);
  out[k++] = add3(add3(1, 2, 3), add3(101, 0, 0), 7);
  out[k++] = outer(x);
  out[k++] = (unsigned int)(widen(7, 0xffffffffull) >> 32);
  swap(&x, &y);
  out[k++] = x * 10 + y;
  out[k++] = power(3, 5) + power(x, 0);
  out[k++] = maximum(x, y) * 100 + maximum(y, maximum(x, 2));
  out[k++] = calls;
  halt();
  return 0;
}
