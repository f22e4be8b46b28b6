// expect: statement-empty-range 4:5, statement-duplicate-case 6:5
int main(void) {
  switch (ctx()) {
    case 5 ... 3: return 1;
    case 7 ... 9: return 2;
    case 8: return 3;
  }
  return 0;
}
