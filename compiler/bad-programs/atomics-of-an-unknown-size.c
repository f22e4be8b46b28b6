// expect: lower-not-constant 6:3
__emem unsigned long long total;
__emem unsigned int octets;
int main(void) {
  __xwrite unsigned int out[2] = {0, 1};
  mem_add64(out, &total, octets);
  return 0;
}
