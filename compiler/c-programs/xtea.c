/* XTEA there and back. */
#include <stdint.h>
#include <stdio.h>

static const uint32_t key[4] = {0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f};
#define DELTA 0x9e3779b9u

static void encipher(uint32_t *v) {
  uint32_t sum = 0;
  for (int i = 0; i < 32; i++) {
    v[0] += ((v[1] << 4 ^ v[1] >> 5) + v[1]) ^ (sum + key[sum & 3]);
    sum += DELTA;
    v[1] += ((v[0] << 4 ^ v[0] >> 5) + v[0]) ^ (sum + key[sum >> 11 & 3]);
  }
}

static void decipher(uint32_t *v) {
  uint32_t sum = DELTA * 32;
  for (int i = 0; i < 32; i++) {
    v[1] -= ((v[0] << 4 ^ v[0] >> 5) + v[0]) ^ (sum + key[sum >> 11 & 3]);
    sum -= DELTA;
    v[0] -= ((v[1] << 4 ^ v[1] >> 5) + v[1]) ^ (sum + key[sum & 3]);
  }
}

int main(void) {
  uint32_t text[2] = {0x41424344, 0x45464748};
  encipher(text);
  printf("%08x %08x\n", text[0], text[1]);
  decipher(text);
  printf("%08x %08x\n", text[0], text[1]);
  return text[0] == 0x41424344 && text[1] == 0x45464748 ? 7 : 1;
}
