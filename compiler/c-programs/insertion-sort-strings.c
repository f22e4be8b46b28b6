/* Sorts pointers to strings. */
#include <stdio.h>
#include <string.h>

static const char *names[] = {"switch", "lambda", "nic", "core", "island", "cluster", "memory", "thread"};
#define COUNT (int)(sizeof names / sizeof names[0])

int main(void) {
  for (int i = 1; i < COUNT; i++) {
    const char *name = names[i];
    int at = i;
    for (; at > 0 && strcmp(names[at - 1], name) > 0; at--) names[at] = names[at - 1];
    names[at] = name;
  }
  int letters = 0;
  for (int i = 0; i < COUNT; i++) {
    puts(names[i]);
    letters += (int)strlen(names[i]);
  }
  return letters;
}
