// expect: statement-misplaced 3:3
int main(void) {
  break;
  return 0;
}
