/* Packets are cut off behind so many octets. */
#include "word.p4inc"
action shorten(octets) {
  truncate(octets);
  modify_field(standard_metadata.egress_spec, 1);
}
table cut {
  reads {
    word.key : exact;
  }
  actions {
    shorten;
  }
}
control ingress {
}
control egress {
  apply(cut);
}
