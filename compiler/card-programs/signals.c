// Signals handed to functions, waited for one by one, and in pairs.
#include <nfp/me.h>
#include <nfp/mem_bulk.h>
#include <stdio.h>

__emem uint32_t words[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static void fetch(__xread uint32_t *in, __mem uint32_t *from, SIGNAL *done) {
  __mem_read32(in, from, 4, 4, sig_done, done);
}

int main(void) {
  SIGNAL first, second, both[2];
  __xread uint32_t x[1], y[1];
  int seen = 0, turns = 0;
  fetch(x, &words[2], &first);
  fetch(y, &words[5], &second);
  printf("%d ", signal_test(&both[0]));
  while (seen != 3) {
    wait_for_any(&first, &second);
    if (signal_test(&first)) seen |= 1;
    if (signal_test(&second)) seen |= 2;
    turns++;
  }
  printf("%d %d %d\n", x[0], y[0], turns <= 2);
  fetch(x, &words[0], &both[0]);
  fetch(y, &words[7], &both[1]);
  wait_for_all(&both[0], &both[1]);
  printf("%d %d %d\n", signal_test(&both[1]), x[0], y[0]);
  return 0;
}
