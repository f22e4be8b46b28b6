/* Base64 (RFC 4648) there and back. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static char coded[64];
static char decoded[64];

static int encode(const char *text, int length) {
  int at = 0;
  for (int i = 0; i < length; i += 3) {
    uint32_t group = 0;
    for (int j = 0; j < 3; j++) group = group << 8 | (i + j < length ? (uint8_t)text[i + j] : 0);
    for (int j = 0; j < 4; j++) coded[at++] = i + j > length ? '=' : alphabet[group >> (18 - 6 * j) & 63];
  }
  coded[at] = 0;
  return at;
}

static int decode(const char *text) {
  uint32_t group = 0;
  int bits = 0, at = 0;
  for (; *text != 0 && *text != '='; text++) {
    group = group << 6 | (uint32_t)(strchr(alphabet, *text) - alphabet);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    decoded[at++] = (char)(group >> bits);
  }
  decoded[at] = 0;
  return at;
}

int main(void) {
  static const char *const texts[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar", "any carnal pleas"};
  int sum = 0;
  for (int i = 0; i < 8; i++) {
    int length = encode(texts[i], (int)strlen(texts[i]));
    sum += length - decode(coded);
    printf("%s %s\n", coded, decoded);
  }
  return sum;
}
