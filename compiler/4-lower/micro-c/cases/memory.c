/* Commands of the memory engines and transfer registers. */
__emem unsigned int out[64];
__imem unsigned int counter = 40;
__emem unsigned char octets[64] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
__ctm unsigned int near[8];

int main(void) {
  __xread unsigned int in[8];
  __xwrite unsigned int send[8];
  __xrw unsigned int both;
  __mem unsigned char *pointer;
  unsigned long long address;
  unsigned int k = 0;
  both = 2;
  mem_test_add(&both, &counter);
  out[k++] = both;
  mem_incr32(&counter);
  both = 0x80;
  mem_test_set(&both, &counter);
  out[k++] = both;
  mem_read_atomic(&in[0], &counter);
  out[k++] = in[0];
  both = 9;
  mem_swap(&both, &counter);
  out[k++] = both;
  mem_read8(in, &octets[1], 7);
  out[k++] = in[0];
  out[k++] = in[1] >> 8;
  send[0] = 0x11223344;
  send[1] = 0x55667788;
  mem_write8(send, &octets[3], 5);
  mem_read32(in, octets, 12);
  out[k++] = in[0];
  out[k++] = in[1];
  out[k++] = in[2];
  ctm_write32(&send[1], &near[2], 4);
  ctm_read32(&in[3], &near[2], 4);
  out[k++] = in[3];
  /* A 40-bit address made of its halves. */
  address = ((unsigned long long)0x98 << 32) | (unsigned int)&octets[0];
  pointer = (__mem unsigned char *)address;
  out[k++] = pointer[4];
  out[k++] = (unsigned int)((unsigned long long)pointer >> 32);
  pointer += 2;
  *pointer = 0xee;
  out[k++] = octets[2];
  out[k++] = dbl_shf(0x12345678, 0x9abcdef0, 8);
  out[k++] = mul_high(0xffffffff, 0xffffffff);
  out[k++] = ffs(0x500);
  out[k++] = ctx();
  halt();
  return 0;
}
