// expect: pp-unmatched-conditional 5:2
int main(void) {
  return 0;
}
#endif
