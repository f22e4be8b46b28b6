/** C99 7.21 without locales, and 7.4. */
export const STRING = `#pragma once
#include <stddef.h>

static void *memcpy(void *to, const void *from, size_t count) {
  unsigned char *target = to;
  const unsigned char *source = from;
  for (size_t i = 0; i < count; i++) target[i] = source[i];
  return to;
}

static void *memmove(void *to, const void *from, size_t count) {
  unsigned char *target = to;
  const unsigned char *source = from;
  if (target < source) {
    for (size_t i = 0; i < count; i++) target[i] = source[i];
  } else {
    for (size_t i = count; i > 0; i--) target[i - 1] = source[i - 1];
  }
  return to;
}

static void *memset(void *to, int value, size_t count) {
  unsigned char *target = to;
  for (size_t i = 0; i < count; i++) target[i] = (unsigned char)value;
  return to;
}

static int memcmp(const void *a, const void *b, size_t count) {
  const unsigned char *left = a;
  const unsigned char *right = b;
  for (size_t i = 0; i < count; i++) {
    if (left[i] != right[i]) return left[i] - right[i];
  }
  return 0;
}

static void *memchr(const void *in, int value, size_t count) {
  const unsigned char *octets = in;
  for (size_t i = 0; i < count; i++) {
    if (octets[i] == (unsigned char)value) return (void *)(octets + i);
  }
  return NULL;
}

static size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length] != 0) length++;
  return length;
}

static size_t strnlen(const char *text, size_t most) {
  size_t length = 0;
  while (length < most && text[length] != 0) length++;
  return length;
}

static int strcmp(const char *a, const char *b) {
  size_t i = 0;
  while (a[i] != 0 && a[i] == b[i]) i++;
  return (unsigned char)a[i] - (unsigned char)b[i];
}

static int strncmp(const char *a, const char *b, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (a[i] != b[i] || a[i] == 0) return (unsigned char)a[i] - (unsigned char)b[i];
  }
  return 0;
}

static char *strcpy(char *to, const char *from) {
  size_t i = 0;
  while ((to[i] = from[i]) != 0) i++;
  return to;
}

static char *strncpy(char *to, const char *from, size_t count) {
  size_t i = 0;
  for (; i < count && from[i] != 0; i++) to[i] = from[i];
  for (; i < count; i++) to[i] = 0;
  return to;
}

static char *strcat(char *to, const char *from) {
  strcpy(to + strlen(to), from);
  return to;
}

static char *strncat(char *to, const char *from, size_t count) {
  size_t at = strlen(to);
  size_t i = 0;
  for (; i < count && from[i] != 0; i++) to[at + i] = from[i];
  to[at + i] = 0;
  return to;
}

static char *strchr(const char *text, int value) {
  for (;; text++) {
    if (*text == (char)value) return (char *)text;
    if (*text == 0) return NULL;
  }
}

static char *strrchr(const char *text, int value) {
  char *last = NULL;
  for (;; text++) {
    if (*text == (char)value) last = (char *)text;
    if (*text == 0) return last;
  }
}

static size_t strspn(const char *text, const char *set) {
  size_t length = 0;
  for (; text[length] != 0; length++) {
    size_t i = 0;
    while (set[i] != 0 && set[i] != text[length]) i++;
    if (set[i] == 0) break;
  }
  return length;
}

static size_t strcspn(const char *text, const char *set) {
  size_t length = 0;
  for (; text[length] != 0; length++) {
    size_t i = 0;
    while (set[i] != 0 && set[i] != text[length]) i++;
    if (set[i] != 0) break;
  }
  return length;
}

static char *strpbrk(const char *text, const char *set) {
  const char *found = text + strcspn(text, set);
  return *found == 0 ? NULL : (char *)found;
}

static char *strstr(const char *text, const char *part) {
  for (;; text++) {
    size_t i = 0;
    while (part[i] != 0 && text[i] == part[i]) i++;
    if (part[i] == 0) return (char *)text;
    if (*text == 0) return NULL;
  }
}
`;

export const CTYPE = String.raw`#pragma once
static int isdigit(int c) { return c >= '0' && c <= '9'; }
static int isupper(int c) { return c >= 'A' && c <= 'Z'; }
static int islower(int c) { return c >= 'a' && c <= 'z'; }
static int isalpha(int c) { return isupper(c) || islower(c); }
static int isalnum(int c) { return isalpha(c) || isdigit(c); }
static int isxdigit(int c) { return isdigit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); }
static int isblank(int c) { return c == ' ' || c == '\t'; }
static int isspace(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static int iscntrl(int c) { return (c >= 0 && c < 32) || c == 127; }
static int isprint(int c) { return c >= 32 && c < 127; }
static int isgraph(int c) { return c > 32 && c < 127; }
static int ispunct(int c) { return isgraph(c) && !isalnum(c); }
static int tolower(int c) { return isupper(c) ? c + 32 : c; }
static int toupper(int c) { return islower(c) ? c - 32 : c; }
`;
