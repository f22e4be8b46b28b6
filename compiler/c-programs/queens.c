/* Eight queens, by going back in place of recursion. */
#include <stdio.h>

#define N 8
static int column_of[N];

static int fits(int row) {
  for (int above = 0; above < row; above++) {
    int distance = column_of[row] - column_of[above];
    if (distance == 0 || distance == row - above || distance == above - row) return 0;
  }
  return 1;
}

int main(void) {
  int solutions = 0, row = 0;
  column_of[0] = -1;
  while (row >= 0) {
    do column_of[row]++;
    while (column_of[row] < N && !fits(row));
    if (column_of[row] == N) {
      row--;
    } else if (row < N - 1) {
      column_of[++row] = -1;
    } else {
      if (solutions++ == 0) {
        for (int i = 0; i < N; i++) putchar('a' + column_of[i]);
        putchar('\n');
      }
    }
  }
  printf("%d solutions\n", solutions);
  return solutions;
}
