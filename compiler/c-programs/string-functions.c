/* string.h and ctype.h. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static char buffer[64];

static int sign(int value) { return (value > 0) - (value < 0); }

int main(void) {
  char local[16];
  strcpy(buffer, "network");
  strcat(buffer, " interface");
  strncat(buffer, " card and more", 5);
  printf("%s (%d)\n", buffer, (int)strlen(buffer));
  strncpy(local, buffer, sizeof local);
  local[7] = 0;
  printf("%s %d %d %d\n", local, sign(strcmp(local, "net")), sign(strcmp(local, "nexus")), strncmp(local, "netting", 3));
  printf("%s|%s|%s\n", strchr(buffer, 'i'), strrchr(buffer, 'a'), strstr(buffer, "face"));
  printf("%d %d %d\n", strchr(buffer, 'z') == NULL, (int)strspn("112358x", "123589"), (int)strcspn("abc,def", ",;"));
  memmove(buffer + 3, buffer, 10);
  buffer[13] = 0;
  puts(buffer);
  memset(local, '-', 9);
  local[9] = 0;
  puts(local);
  printf("%d %d\n", sign(memcmp("abd", "abc", 3)), memcmp("abc", "abd", 2));
  for (const char *at = "Mixed 42 Case_!"; *at != 0; at++) {
    putchar(isupper(*at) ? tolower(*at) : islower(*at) ? toupper(*at) : isdigit(*at) ? '#' : isspace(*at) ? '.' : *at);
  }
  putchar('\n');
  return (int)strnlen("twelve chars", 5);
}
