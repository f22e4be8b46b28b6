/* Unpacks a stream of literals and copies from what was written before. */
#include <stdint.h>
#include <stdio.h>

/* 0nnnnnnn: n + 1 literals follow; 1nnnnnnn d: n + 2 octets from d + 1 octets before. */
static const uint8_t packed[] = {2, 'a', 'b', 'c', 0x84, 2, 0, '-', 0x8a, 0, 4, 'l', 'a', 'm', 'b', 'd', 0x80, 3, 0x82, 23, 0, '\n'};
static uint8_t unpacked[128];

int main(void) {
  uint32_t to = 0;
  const uint8_t *from = packed, *end = packed + sizeof packed;
  while (from < end) {
    uint32_t control = *from++;
    if (control < 0x80) {
      for (uint32_t i = 0; i <= control; i++) unpacked[to++] = *from++;
    } else {
      uint32_t source = to - *from++ - 1;
      for (uint32_t i = 0; i < (control & 0x7f) + 2; i++) unpacked[to++] = unpacked[source++];
    }
  }
  for (uint32_t i = 0; i < to; i++) putchar(unpacked[i]);
  return (int)to;
}
