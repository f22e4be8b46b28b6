// expect: lower-not-constant 2:31
int main(void) { return (int)(crc_32_be(1, 7)); }
