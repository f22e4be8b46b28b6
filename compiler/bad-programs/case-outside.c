// expect: statement-misplaced 3:3
int main(void) {
  case 1:
  return 0;
}
