// Commands that raise signals, two of them on their way at once; atomic ones with the size of a word.
__emem unsigned int table[8] = {1, 2, 3, 4, 5, 6, 7, 8};
__emem unsigned int out[12];

int main(void) {
  SIGNAL one, two;
  __xread unsigned int a[4], b[4];
  __xwrite unsigned int pair[2];
  __xrw unsigned int word[1];
  __mem_read32(a, table, 16, 16, sig_done, &one);
  __mem_read32(b, table + 4, sizeof(b), 16, sig_done, &two);
  wait_for_all(&one, &two);
  out[0] = a[0] + a[3];
  out[1] = b[0] + b[3];
  pair[0] = 77;
  pair[1] = 78;
  __mem_write32(pair, table, 8, 8, ctx_swap, &one);
  __mem_write32(pair, table + 2, sizeof(pair), sizeof(pair), sig_done, &one);
  wait_for_all(&one);
  out[2] = table[0];
  out[3] = table[3];
  word[0] = 3;
  mem_test_add(word, table, sizeof(word));
  out[4] = word[0];
  word[0] = 5;
  __mem_test_add(word, table, 4, 4, sig_done, &two);
  wait_for_all(&two);
  out[5] = word[0];
  out[6] = table[0];
  out[7] = __is_ct_const(sizeof(table) / 4);
  out[8] = __is_ct_const(table[1]);
  return 0;
}
