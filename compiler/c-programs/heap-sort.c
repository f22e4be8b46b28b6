/* A binary heap in an array, sifted down without recursion. */
#include <stdint.h>
#include <stdio.h>

#define COUNT 40
static uint32_t heap[COUNT];

static void sift_down(uint32_t *values, int start, int end) {
  int root = start;
  for (int child = 2 * root + 1; child < end; child = 2 * root + 1) {
    if (child + 1 < end && values[child] < values[child + 1]) child++;
    if (values[root] >= values[child]) return;
    uint32_t kept = values[root];
    values[root] = values[child];
    values[child] = kept;
    root = child;
  }
}

int main(void) {
  uint32_t state = 12345;
  for (int i = 0; i < COUNT; i++) {
    state = state * 1103515245u + 12345u;
    heap[i] = (state >> 16) % 1000;
  }
  for (int i = COUNT / 2 - 1; i >= 0; i--) sift_down(heap, i, COUNT);
  for (int end = COUNT - 1; end > 0; end--) {
    uint32_t kept = heap[0];
    heap[0] = heap[end];
    heap[end] = kept;
    sift_down(heap, 0, end);
  }
  for (int i = 0; i < COUNT; i++) printf("%u%c", heap[i], i % 10 == 9 ? '\n' : ' ');
  return 0;
}
