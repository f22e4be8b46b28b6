// expect: type-variadic 3:8
#include <stdint.h>
int sum(int count, ...) {
  return count;
}
int main(void) {
  return sum(1);
}
