// The check value of CRC-32/BZIP2 over "123456789" is fc891918 (the catalogue of Greg Cook).
#include <nfp/me.h>
#include <std/hash.h>
#include <stdio.h>

int main(void) {
  uint32_t key[3] = {0x31323334, 0x35363738, 0x39303132};
  crc_write(0xffffffff);
  crc_32_be(0x31323334, crc_bytes_0_3);
  crc_32_be(0x35363738, crc_bytes_0_3);
  crc_32_be(0x00000039, crc_byte_3);
  printf("%08x\n", ~crc_read());
  crc_write(0xffffffff);
  for (int i = 0; i < 3; i++) crc_32_be(key[i], crc_bytes_0_3);
  printf("%d %x\n", hash_me_crc32((void *)key, sizeof(key), 0xffffffff) == crc_read(), crc_32_be(0xabcd, crc_byte_3));

  cam_clear();
  cam_write(3, 0x1234, 5);
  cam_write(4, 0x9999, 0);
  cam_lookup_t found = cam_lookup(0x1234);
  printf("%d %d %d\n", found.hit, found.entry_num, found.state);
  cam_write_state(3, 9);
  found = cam_lookup(0x1234);
  printf("%d %d %x\n", found.hit, found.state, cam_read_state(3));
  printf("%d %x\n", cam_lookup(0x5555).hit, cam_read_tag(4));
  printf("%d %d %d\n", pop_count(0xf0f01), ffs64(1ull << 40), bit_test(4, 2));
  return 0;
}
