// expect: type-bad-transfer 4:31
int main(void) {
  __xwrite unsigned int out[32] = {0};
  mem_ring_journal(1, 0, out, 68);
  return 0;
}
