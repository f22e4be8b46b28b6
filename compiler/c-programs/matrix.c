/* Product and determinant of small matrices. */
#include <stdint.h>
#include <stdio.h>

#define N 4
typedef int32_t matrix[N][N];

static const matrix a = {{1, 2, 3, 4}, {0, -1, 2, 5}, {7, 0, 1, 0}, {2, 2, 2, 1}};
static const matrix b = {{3, 0, 0, 1}, {1, 1, 1, 1}, {0, -2, 4, 0}, {5, 0, -5, 2}};
static matrix product;

static int32_t minor_of(int skipped_row, int skipped_column) {
  int32_t m[3][3];
  for (int row = 0, i = 0; row < N; row++) {
    if (row == skipped_row) continue;
    for (int column = 0, j = 0; column < N; column++) {
      if (column != skipped_column) m[i][j++] = product[row][column];
    }
    i++;
  }
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

int main(void) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) {
      for (int k = 0; k < N; k++) product[i][j] += a[i][k] * b[k][j];
      printf("%5d", product[i][j]);
    }
    putchar('\n');
  }
  int32_t determinant = 0;
  for (int column = 0; column < N; column++) {
    determinant += (column % 2 == 0 ? 1 : -1) * product[0][column] * minor_of(0, column);
  }
  printf("determinant %d\n", determinant);
  return 0;
}
