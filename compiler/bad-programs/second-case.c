// expect: statement-duplicate-case 6:5
int main(void) {
  switch (ctx()) {
    case 1:
      return 1;
    case 1:
      return 2;
  }
  return 0;
}
