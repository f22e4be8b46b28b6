/* Cuts a text into words, numbers and the rest, by a table of transitions. */
#include <ctype.h>
#include <stdio.h>

enum state { START, WORD, NUMBER, OTHER, STATES };
enum kind { LETTER, DIGIT, SPACE, REST, KINDS };

static const unsigned char next[STATES][KINDS] = {
    [START] = {WORD, NUMBER, START, OTHER},
    [WORD] = {WORD, WORD, START, OTHER},
    [NUMBER] = {WORD, NUMBER, START, OTHER},
    [OTHER] = {WORD, NUMBER, START, OTHER},
};
static const char *const text = "on 4 cores: x1 += 0x2f; done 12ab";

int main(void) {
  int found[STATES] = {0};
  enum state state = START;
  for (const char *at = text; *at != 0; at++) {
    enum kind kind = isalpha(*at) ? LETTER : isdigit(*at) ? DIGIT : isspace(*at) ? SPACE : REST;
    enum state before = state;
    state = next[state][kind];
    if (state != before || state == OTHER) found[state]++;
  }
  for (int i = START; i < STATES; i++) printf("%d ", found[i]);
  putchar('\n');
  return found[WORD];
}
