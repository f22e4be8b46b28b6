// The same commands in CLS and CTM, and a pair of signals.
#include <nfp/cls.h>
#include <nfp/me.h>
#include <stdio.h>
__cls uint32_t near[8] = {1, 2, 3, 4};
__cls __align8 uint64_t wide = 5;
__ctm uint32_t mid[4] = {10, 20, 30, 40};
int main(void) {
  __xread uint32_t in[4];
  __xrw uint32_t io[2];
  SIGNAL_PAIR pair;
  cls_read(in, near, 16);
  printf("%d %d\n", in[0], in[3]);
  io[0] = 100; io[1] = 7;
  cls_test_add(io, &near[1], 8);
  printf("%d %d %d %d\n", io[0], io[1], near[1], near[2]);
  io[0] = 0; io[1] = 9;
  cls_add64(io, &wide, 8);
  cls_incr64(&wide);
  cls_test_sub64(io, &wide, 8);
  printf("%d %d %lld\n", io[0], io[1], (long long)wide);
  io[0] = 15;
  __mem_test_add(io, &mid[2], 4, 4, sig_done, &pair);
  wait_for_all(&pair);
  printf("%d\n", io[0]);
  io[0] = 50; cls_test_subsat(io, &near[3], 4);
  printf("%d %d\n", io[0], near[3]);
  ctm_incr64(&mid[0]);
  io[0] = 1; io[1] = 2;
  ctm_xor(io, mid, 8);
  printf("%d %d %d\n", mid[0], mid[1], mid[2]);
  ctm_read32(in, mid, 8);
  printf("%d\n", in[1]);
  return 0;
}
