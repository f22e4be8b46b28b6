/* Sorts an array in place and counts the exchanges. */
#include <stdio.h>

static int values[] = {42, -7, 19, 0, 1000, -500, 3, 3, 88, -7};
#define COUNT (int)(sizeof values / sizeof values[0])

int main(void) {
  int exchanges = 0;
  for (int end = COUNT - 1; end > 0; end--) {
    for (int i = 0; i < end; i++) {
      if (values[i] <= values[i + 1]) continue;
      int kept = values[i];
      values[i] = values[i + 1];
      values[i + 1] = kept;
      exchanges++;
    }
  }
  for (int i = 0; i < COUNT; i++) printf("%d ", values[i]);
  printf("after %d exchanges\n", exchanges);
  return exchanges;
}
