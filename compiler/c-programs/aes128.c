/* AES-128 of one block (FIPS 197, appendix B); the S-box is computed. */
#include <stdint.h>
#include <stdio.h>

static uint8_t box[256];
static uint8_t round_keys[11][16];
static uint8_t state[16];

static uint8_t doubled(uint8_t value) { return (uint8_t)(value << 1 ^ (value & 0x80 ? 0x1b : 0)); }

static void make_box(void) {
  uint8_t p = 1, q = 1;
  do {
    p = p ^ doubled(p);
    q ^= q << 1;
    q ^= q << 2;
    q ^= q << 4;
    if (q & 0x80) q ^= 9;
    box[p] = 0x63 ^ q ^ (uint8_t)(q << 1 | q >> 7) ^ (uint8_t)(q << 2 | q >> 6) ^ (uint8_t)(q << 3 | q >> 5) ^ (uint8_t)(q << 4 | q >> 4);
  } while (p != 1);
  box[0] = 0x63;
}

static void expand(const uint8_t *key) {
  uint8_t constant = 1;
  for (int i = 0; i < 16; i++) round_keys[0][i] = key[i];
  for (int round = 1; round <= 10; round++) {
    const uint8_t *before = round_keys[round - 1];
    uint8_t *now = round_keys[round];
    for (int i = 0; i < 4; i++) now[i] = before[i] ^ box[before[12 + (i + 1) % 4]];
    now[0] ^= constant;
    constant = doubled(constant);
    for (int i = 4; i < 16; i++) now[i] = before[i] ^ now[i - 4];
  }
}

static void add_key(int round) {
  for (int i = 0; i < 16; i++) state[i] ^= round_keys[round][i];
}

static void substitute_and_shift(void) {
  uint8_t shifted[16];
  for (int i = 0; i < 16; i++) shifted[i] = box[state[(i + 4 * (i % 4)) % 16]];
  for (int i = 0; i < 16; i++) state[i] = shifted[i];
}

static void mix_columns(void) {
  for (uint8_t *column = state; column < state + 16; column += 4) {
    uint8_t all = column[0] ^ column[1] ^ column[2] ^ column[3], first = column[0];
    for (int i = 0; i < 4; i++) column[i] ^= all ^ doubled(column[i] ^ (i == 3 ? first : column[i + 1]));
  }
}

int main(void) {
  static const uint8_t key[16] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
  static const uint8_t text[16] = {0x32, 0x43, 0xf6, 0xa8, 0x88, 0x5a, 0x30, 0x8d, 0x31, 0x31, 0x98, 0xa2, 0xe0, 0x37, 0x07, 0x34};
  make_box();
  expand(key);
  for (int i = 0; i < 16; i++) state[i] = text[i];
  add_key(0);
  for (int round = 1; round <= 10; round++) {
    substitute_and_shift();
    if (round < 10) mix_columns();
    add_key(round);
  }
  for (int i = 0; i < 16; i++) printf("%02x", state[i]);
  putchar('\n');
  return state[0];
}
