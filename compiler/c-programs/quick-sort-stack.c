/* Quicksort with a stack of its own in the place of recursion. */
#include <stdint.h>
#include <stdio.h>

#define COUNT 64
static int16_t values[COUNT];

int main(void) {
  uint16_t state = 0xace1;
  for (int i = 0; i < COUNT; i++) {
    state = (uint16_t)((state >> 1) ^ (-(state & 1u) & 0xb400u));
    values[i] = (int16_t)state;
  }
  static struct { int low, high; } stack[COUNT];
  int depth = 0, deepest = 0;
  stack[depth].low = 0;
  stack[depth++].high = COUNT - 1;
  while (depth > 0) {
    if (depth > deepest) deepest = depth;
    int low = stack[--depth].low, high = stack[depth].high;
    if (low >= high) continue;
    int16_t pivot = values[(low + high) / 2];
    int i = low, j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      int16_t kept = values[i];
      values[i++] = values[j];
      values[j--] = kept;
    }
    stack[depth].low = low;
    stack[depth++].high = j;
    stack[depth].low = i;
    stack[depth++].high = high;
  }
  int sorted = 1;
  for (int i = 1; i < COUNT; i++) sorted &= values[i - 1] <= values[i];
  printf("%d %d %d sorted=%d\n", values[0], values[COUNT / 2], values[COUNT - 1], sorted);
  return sorted ? 0 : 1;
}
