// One command each, on 64 bits and on several words at once.
#include <nfp/mem_atomic.h>
#include <stdio.h>

__emem __align8 uint64_t counter = 0xfffffffeull;
__imem __align8 uint64_t other = 1;
__emem uint32_t words[8] = {1, 2, 3, 4, 5, 6, 7, 8};

int main(void) {
  __xrw uint32_t two[4];
  __xread uint32_t several[4];
  mem_incr64(&counter);
  mem_incr64(&counter);
  printf("%llx\n", counter);
  mem_decr64(&counter);
  mem_add64_imm(0x10, &counter);
  printf("%llx\n", counter);
  two[0] = 1;
  two[1] = 2;
  mem_test_add64(two, &counter, 8);
  printf("%x %x %llx\n", two[0], two[1], counter);
  two[0] = 0;
  two[1] = 3;
  mem_sub64(two, &other, sizeof(uint64_t));
  printf("%lld\n", (long long)other);
  for (int i = 0; i < 4; i++) two[i] = 0x100 << i;
  mem_add32(two, words, 16);
  mem_bitset_imm(0x8000, &words[7]);
  mem_read_atomic(several, words, sizeof(several));
  printf("%x %x %x %x %x\n", several[0], several[1], several[2], several[3], words[7]);
  for (int i = 0; i < 2; i++) two[i] = 0xff;
  mem_test_xor(two, &words[1], 8);
  printf("%x %x %x %x\n", two[0], two[1], words[1], words[2]);
  return 0;
}
