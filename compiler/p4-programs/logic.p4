/* Bits: and, or, xor, shifts, and modify_field under a mask. */
header_type bits_t {
  fields {
    a : 16;
    b : 16;
    c : 16;
    d : 32;
    e : 12;
    f : 4;
  }
}
header bits_t bits;
parser start {
  extract(bits);
  return ingress;
}
action compute() {
  bit_and(bits.c, bits.a, bits.b);
  bit_or(bits.a, bits.a, bits.b);
  bit_xor(bits.b, bits.b, 0xffff);
  modify_field(bits.d, 0xffffffff, 0x00ff00f0);
  shift_left(bits.e, bits.e, 4);
  shift_right(bits.f, bits.f, 1);
}
table work {
  actions {
    compute;
  }
  default_action : compute();
}
control ingress {
  apply(work);
}
