/* CRC-32 of IEEE 802.3, by a table and bit by bit. */
#include <stdint.h>
#include <stdio.h>

static uint32_t table[256];

static uint32_t by_table(const char *text, int length) {
  uint32_t crc = ~0u;
  for (int i = 0; i < length; i++) crc = crc >> 8 ^ table[(crc ^ (uint8_t)text[i]) & 0xff];
  return ~crc;
}

static uint32_t by_bits(const char *text, int length) {
  uint32_t crc = ~0u;
  for (int i = 0; i < length; i++) {
    crc ^= (uint8_t)text[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0xedb88320u & -(crc & 1));
  }
  return ~crc;
}

int main(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t entry = i;
    for (int bit = 0; bit < 8; bit++) entry = entry & 1 ? entry >> 1 ^ 0xedb88320u : entry >> 1;
    table[i] = entry;
  }
  printf("%08x %08x\n", by_table("123456789", 9), by_bits("123456789", 9));
  printf("%08x\n", by_table("", 0));
  return by_table("lambda", 6) == by_bits("lambda", 6) ? 0 : 1;
}
