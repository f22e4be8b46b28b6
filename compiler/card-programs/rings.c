// Rings of EMEM: put, get, pop and journal, and what they say of full and empty ones.
#include <nfp/mem_ring.h>
#include <stdio.h>

#define RING 7
MEM_RING_DECLARE(ring, 512);

int main(void) {
  __xrw uint32_t given[16];
  __xread uint32_t got[16];
  mem_ring_addr_t queue = MEM_RING_CONFIGURE(ring, RING);
  for (int i = 0; i < 16; i++) given[i] = 100 + i;
  printf("put %d,", mem_ring_put(RING, queue, given, 12));
  given[0] = 103;
  given[1] = 104;
  printf(" %d, holds %d\n", mem_ring_put(RING, queue, given, 8), (int)mem_ring_current_size(RING, queue));
  int status = mem_ring_get(RING, queue, got, 16);
  printf("get %d: %d %d %d %d\n", status, got[0], got[1], got[2], got[3]);
  printf("get %d\n", mem_ring_get(RING, queue, got, 16));
  mem_ring_get_freely(RING, queue, got, 8);
  printf("freely %d %d\n", got[0], got[1]);
  mem_ring_journal_fast(RING, queue, 0x777);
  given[0] = 0x888;
  mem_ring_journal(RING, queue, given, 4);
  status = mem_ring_pop(RING, queue, got, 4);
  printf("pop %d %x, holds %d\n", status, got[0], (int)mem_ring_current_size(RING, queue));
  int puts = 0;
  do
    for (int i = 0; i < 16; i++) given[i] = puts * 16 + i;
  while (mem_ring_put(RING, queue, given, 64) >= 0 && ++puts < 100);
  printf("full after %d\n", puts);
  return 0;
}
