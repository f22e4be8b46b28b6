/** More arguments than this after the format are refused. */
const MOST_ARGUMENTS = 24;

/**
 * One macro a number of arguments: there are no variable arguments on this NIC, so that `printf` hands each value over
 * by a call of its own, all of them as 64 bits. The order of the calls is that of the comma operator.
 */
function eachArgument(): string {
  const numbers = Array.from({ length: MOST_ARGUMENTS }, (_, i) => i + 1);
  const names = numbers.map((number) => `a${number}`).join(', ');
  const lines = ['#define __PRINT_0()'];
  for (const count of numbers) {
    const parameters = numbers.slice(0, count).map((number) => `a${number}`);
    const calls = parameters.map((name) => `, __print_value((unsigned long long)(${name}))`).join('');
    lines.push(`#define __PRINT_${count}(${parameters.join(', ')})${calls}`);
  }
  lines.push(`#define __PRINT_CHOOSE(none, ${names}, chosen, ...) chosen`);
  const choices = [...numbers].reverse().map((count) => `__PRINT_${count}`);
  lines.push(
    `#define __PRINT_EACH(...) __PRINT_CHOOSE(none, ## __VA_ARGS__, ${choices.join(', ')}, __PRINT_0)(__VA_ARGS__)`,
  );
  return lines.join('\n');
}

/** C99 7.19: characters and lines to the debug port, and formatted output of integers, characters and strings. */
export const STDIO = String.raw`#pragma once
#include <stddef.h>
#include <__debug_port.h>

#define EOF (-1)

/* Where characters go: a stream, or an object (sprintf). */
typedef struct { int number; } FILE;
static FILE __standard_output = {1};
static FILE __standard_error = {2};
#define stdout (&__standard_output)
#define stderr (&__standard_error)

static int putchar(int c) {
  __debug_output(c);
  return (unsigned char)c;
}

static int fputc(int c, FILE *stream) {
  if (stream->number == 2) __debug_error(c);
  else __debug_output(c);
  return (unsigned char)c;
}
#define putc(c, stream) fputc(c, stream)

static int fputs(const char *text, FILE *stream) {
  for (; *text != 0; text++) fputc(*text, stream);
  return 0;
}

static int puts(const char *text) {
  for (; *text != 0; text++) __debug_output(*text);
  __debug_output('\n');
  return 0;
}

static int fflush(FILE *stream) { return stream == NULL ? 0 : 0; }

static struct {
  const char *rest;
  FILE *stream;
  char *text;
  unsigned int space;
  int count;
  int width;
  int precision;
  int pending;
} __print;

static __noinline void __print_character(int c) {
  if (__print.stream != NULL) fputc(c, __print.stream);
  else if ((unsigned int)__print.count + 1 < __print.space) __print.text[__print.count] = (char)c;
  __print.count++;
}

/* Text up to the next conversion that takes a value. */
static __noinline void __print_literal(void) {
  for (; *__print.rest != 0; __print.rest++) {
    if (*__print.rest == '%') {
      if (__print.rest[1] != '%') return;
      __print.rest++;
    }
    __print_character(*__print.rest);
  }
}

static int __print_begin(FILE *stream, const char *format) {
  __print.stream = stream;
  __print.rest = format;
  __print.count = 0;
  __print.pending = 0;
  __print_literal();
  return 0;
}

static int __print_to(char *text, unsigned int space, const char *format) {
  __print.text = text;
  __print.space = space;
  return __print_begin(NULL, format);
}

static int __print_end(void) {
  if (__print.stream == NULL && __print.space > 0) {
    unsigned int last = __print.space - 1;
    __print.text[(unsigned int)__print.count < last ? (unsigned int)__print.count : last] = 0;
  }
  return __print.count;
}

static __noinline void __print_padding(int c, int count) {
  for (; count > 0; count--) __print_character(c);
}

/* One value: the next conversion, or a star of it. */
static __noinline int __print_value(unsigned long long value) {
  const char *at = __print.rest;
  int left = 0, plus = 0, space = 0, zero = 0, alternative = 0, wide = 0, negative = 0;
  int width = 0, precision = -1, length = 0, stars = 0, base = 10, capitals = 0, prefix = 0, padding;
  char digits[24];
  if (*at == 0) return 0;
  at++;
  for (;; at++) {
    if (*at == '-') left = 1;
    else if (*at == '+') plus = 1;
    else if (*at == ' ') space = 1;
    else if (*at == '0') zero = 1;
    else if (*at == '#') alternative = 1;
    else break;
  }
  if (*at == '*') {
    at++;
    if (__print.pending == stars++) {
      __print.width = (int)value;
      __print.pending++;
      return 0;
    }
    width = __print.width;
    if (width < 0) {
      left = 1;
      width = -width;
    }
  } else {
    for (; *at >= '0' && *at <= '9'; at++) width = width * 10 + (*at - '0');
  }
  if (*at == '.') {
    at++;
    precision = 0;
    if (*at == '*') {
      at++;
      if (__print.pending == stars++) {
        __print.precision = (int)value;
        __print.pending++;
        return 0;
      }
      precision = __print.precision;
    } else {
      for (; *at >= '0' && *at <= '9'; at++) precision = precision * 10 + (*at - '0');
    }
  }
  __print.pending = 0;
  for (;; at++) {
    if (*at == 'l') wide++;
    else if (*at == 'j') wide = 2;
    else if (*at == 'h') wide--;
    else if (*at != 'z' && *at != 't') break;
  }
  __print.rest = at + 1;
  if (*at == 'c') {
    if (!left) __print_padding(' ', width - 1);
    __print_character((int)value);
    if (left) __print_padding(' ', width - 1);
    __print_literal();
    return 0;
  }
  if (*at == 's') {
    const char *text = (const char *)value;
    while ((precision < 0 || length < precision) && text[length] != 0) length++;
    if (!left) __print_padding(' ', width - length);
    for (int i = 0; i < length; i++) __print_character(text[i]);
    if (left) __print_padding(' ', width - length);
    __print_literal();
    return 0;
  }
  if (*at == 'p') {
    wide = 2;
    alternative = 1;
    base = 16;
  } else if (*at == 'x' || *at == 'X') base = 16;
  else if (*at == 'o') base = 8;
  capitals = *at == 'X';
  if (*at == 'd' || *at == 'i') {
    if (wide == -1) value = (unsigned long long)(short)value;
    else if (wide < -1) value = (unsigned long long)(signed char)value;
    else if (wide < 2) value = (unsigned long long)(int)value;
    if ((long long)value < 0) {
      negative = 1;
      value = -value;
    }
  } else {
    plus = space = 0;
    if (wide == -1) value = (unsigned short)value;
    else if (wide < -1) value = (unsigned char)value;
    else if (wide < 2) value = (unsigned int)value;
  }
  prefix = alternative && base == 16 && value != 0 ? 2 : 0;
  while (value != 0) {
    unsigned int digit;
    if (base == 10) {
      digit = (unsigned int)(value % 10);
      value /= 10;
    } else {
      digit = (unsigned int)value & (unsigned int)(base - 1);
      value >>= base == 16 ? 4 : 3;
    }
    digits[length++] = (char)(digit < 10 ? '0' + digit : (capitals ? 'A' : 'a') + digit - 10);
  }
  if (alternative && base == 8 && precision <= length) precision = length + 1;
  if (precision < 0) {
    precision = 1;
    if (zero && !left) {
      precision = width - prefix - (negative || plus || space);
      if (precision < 1) precision = 1;
    }
  }
  padding = width - prefix - (negative || plus || space) - (length > precision ? length : precision);
  if (!left) __print_padding(' ', padding);
  if (negative) __print_character('-');
  else if (plus) __print_character('+');
  else if (space) __print_character(' ');
  if (prefix) {
    __print_character('0');
    __print_character(capitals ? 'X' : 'x');
  }
  __print_padding('0', precision - length);
  while (length > 0) __print_character(digits[--length]);
  if (left) __print_padding(' ', padding);
  __print_literal();
  return 0;
}

${eachArgument()}
#define fprintf(stream, format, ...) (__print_begin(stream, format) __PRINT_EACH(__VA_ARGS__), __print_end())
#define printf(format, ...) fprintf(stdout, format, ## __VA_ARGS__)
#define snprintf(text, space, format, ...) (__print_to(text, space, format) __PRINT_EACH(__VA_ARGS__), __print_end())
#define sprintf(text, format, ...) snprintf(text, 0x7fffffff, format, ## __VA_ARGS__)
`;
