/** C99 7.20: what needs no pointers to functions, and a heap only where the program declares a pool. */
export const STDLIB = String.raw`#pragma once
#include <stddef.h>
#include <__debug_port.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX 0x7fffffff

typedef struct { int quot; int rem; } div_t;

/* A heap there is with the option lower and #pragma lambda pool(blocks, octets). */
#ifdef __LAMBDA_LOWER__
void *malloc(size_t octets);
void *calloc(size_t count, size_t octets);
void *realloc(void *block, size_t octets);
void free(void *block);
#endif

static inline void exit(int status) { __debug_exit(status); }

/* As a shell sees a program that was ended by SIGABRT. */
static inline void abort(void) { __debug_exit(134); }

static int abs(int value) { return value < 0 ? -value : value; }
static long labs(long value) { return value < 0 ? -value : value; }
static long long llabs(long long value) { return value < 0 ? -value : value; }

static long long strtoll(const char *text, char **end, int base) {
  const char *at = text;
  unsigned long long value = 0;
  int negative = 0, any = 0;
  while (*at == ' ' || (*at >= '\t' && *at <= '\r')) at++;
  if (*at == '-' || *at == '+') negative = *at++ == '-';
  if ((base == 0 || base == 16) && at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
    at += 2;
    base = 16;
  } else if (base == 0) base = *at == '0' ? 8 : 10;
  for (;; at++) {
    int digit = *at >= '0' && *at <= '9'   ? *at - '0'
                : *at >= 'a' && *at <= 'z' ? *at - 'a' + 10
                : *at >= 'A' && *at <= 'Z' ? *at - 'A' + 10
                                           : 99;
    if (digit >= base) break;
    value = value * (unsigned int)base + (unsigned int)digit;
    any = 1;
  }
  if (end != NULL) *end = (char *)(any ? at : text);
  return (long long)(negative ? -value : value);
}

static long strtol(const char *text, char **end, int base) { return (long)strtoll(text, end, base); }
static unsigned long strtoul(const char *text, char **end, int base) { return (unsigned long)strtoll(text, end, base); }
static int atoi(const char *text) { return (int)strtoll(text, NULL, 10); }

static unsigned int __random_state = 1;
static void srand(unsigned int seed) { __random_state = seed; }
static int rand(void) {
  __random_state = __random_state * 1664525U + 1013904223U;
  return (int)(__random_state >> 1);
}
`;

export const ASSERT = String.raw`#include <stdio.h>
#include <stdlib.h>
#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) ((condition) ? (void)0 : __assert_failed(__FILE__, __LINE__, #condition))
#endif
#ifndef __ASSERT_FAILED
#define __ASSERT_FAILED
#define static_assert _Static_assert
static void __assert_failed(const char *file, int line, const char *condition) {
  fprintf(stderr, "%s:%d: assertion '%s' failed\n", file, line, condition);
  abort();
}
#endif
`;
