/* Nobody called main: its return ends the context, wherever it stands. */
__emem unsigned int out[2];

int main(void) {
  unsigned int i;

  for (i = 0;; i++) {
    out[0] = i;
    if (i == 3) return 5;
    out[1] = i;
  }
  out[1] = 99;
}
