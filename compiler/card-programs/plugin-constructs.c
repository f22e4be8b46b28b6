// Constructs that published plugins are full of: __mem40 casts, tables of counters, a semaphore, hashes of local keys.
#include <std/reg_utils.h>
#include <net/eth.h>
#include <net/ip.h>
#include <net/tcp.h>
#include <net/udp.h>
#include <nfp.h>
#include <nfp/me.h>
#include <nfp/mem_atomic.h>
#include <nfp/mem_bulk.h>
#include <std/hash.h>
#include <memory.h>
#include <stdio.h>
__declspec(emem shared scope(global) export) uint32_t table[50][7];
__declspec(emem export aligned(64)) int semaphores[11];
__export __mem static uint32_t sketch[3][64][10] = {0};
__shared __export __addr40 __emem uint32_t shared_value;
volatile __export __mem uint32_t out;
typedef struct entry { uint32_t key[3]; uint32_t hits; } entry;
__export __emem entry flows[256];
static void down(volatile __declspec(mem addr40) void *addr) {
  __declspec(read_write_reg) int xfer;
  do { xfer = 1; mem_test_subsat(&xfer, (__mem40 void *)addr, 4); } while (xfer == 0);
}
static void up(volatile __declspec(mem addr40) void *addr) { mem_incr32((__mem40 void *)addr); }
int get_hash(uint32_t ip1, uint32_t ip2, uint32_t max) {
  uint32_t hash_key[3];
  hash_key[0] = ip1; hash_key[1] = ip2; hash_key[2] = 0;
  return (int)(hash_me_crc32((void *)hash_key, sizeof(hash_key), 1) & max);
}
int main(void) {
  __xread uint32_t xr, all[16];
  __xwrite uint32_t xw = 0;
  __xrw entry e;
  uint32_t i;
  semaphores[0] = 1;
  down(&semaphores[0]);
  xw = 5;
  mem_add32(&xw, (__mem40 void *)&table[3][2], sizeof(xw));
  mem_incr32((__mem40 void *)&table[3][2]);
  mem_read_atomic(&xr, (__mem40 void *)&table[3][2], sizeof(xr));
  up(&semaphores[0]);
  printf("%d %d\n", xr, semaphores[0]);
  i = get_hash(0x0a000001, 0x0a000002, 255);
  e.key[0] = 7; e.key[1] = 8; e.key[2] = 9; e.hits = 10;
  mem_write_atomic(&e, &flows[i], sizeof(e));
  mem_read_atomic(&e, (__mem void *)&flows[i], sizeof(e));
  printf("%d %d %d\n", i, e.key[1], e.hits);
  mem_read32(&all, flows[i].key, 2 << 2);
  printf("%d\n", all[1]);
  printf("%d\n", hash_me_crc32((void *)&i, sizeof(uint32_t), 1) != 0);
  printf("%d\n", __ISLAND);
  __lmem uint32_t raw[5];
  reg_zero(raw, sizeof(raw));
  struct ip4_hdr ip = {.ver = 4, .hl = 5, .proto = 17, .src = 0x0a000001};
  reg_set(raw, 3, 8);
  printf("%d %d %d %d %x\n", raw[0], raw[4], (int)sizeof(struct ip4_hdr), (int)sizeof(struct eth_hdr), *(uint32_t *)&ip);
  return 0;
}
