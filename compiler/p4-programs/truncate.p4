/* Packets are cut off behind so many octets, whether ingress or egress asks for it. */
#include "word.p4inc"
action shorten(octets) {
  truncate(octets);
  modify_field(standard_metadata.egress_spec, 1);
}
table early {
  reads {
    word.mark : exact;
  }
  actions {
    shorten;
  }
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
  apply(early);
}
control egress {
  apply(cut);
}
