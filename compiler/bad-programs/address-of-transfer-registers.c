// expect: lower-no-address 7:12, lower-no-address 8:7, lower-no-address 9:25, lower-no-address 10:4, lower-no-address 11:19, lower-no-address 11:37, lower-unknown-registers 12:12
__emem unsigned int out[4];
int main(void) {
  __xread unsigned int in[4];
  __xread unsigned char *octets = (__xread unsigned char *)in;
  mem_read32(in, out, 16);
  out[0] = (unsigned int)&in[1];
  if (in) out[1] = 1;
  __xread unsigned int *p = in;
  p++;
  out[2] = in + 1 == in + ctx() || *(__xread unsigned int *)0;
  out[3] = octets[ctx()];
  return 0;
}
