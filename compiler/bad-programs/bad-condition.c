// expect: pp-bad-condition 2:8
#if (1 + 
#endif
int main(void) {
  return 0;
}
