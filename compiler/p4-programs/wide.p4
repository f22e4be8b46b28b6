/* Fields of 128 bits: moved, masked, compared, set by action data. */
#include "wide.p4inc"
header_type kept_t {
  fields {
    address : 128;
  }
}
metadata kept_t kept;
action swap() {
  modify_field(kept.address, wide.address);
  bit_xor(wide.address, wide.address, 0xff00000000000000000000000000000f);
}
action same() {
  modify_field(wide.mark, 0x5a5);
}
table change {
  reads {
    wide.address : lpm;
  }
  actions {
    swap;
    set_address;
  }
}
table told {
  actions { same; }
  default_action : same();
}
control ingress {
  apply(change);
  if (wide.address == 0x00112233445566778899aabbccddeeff) {
    apply(told);
  }
}
