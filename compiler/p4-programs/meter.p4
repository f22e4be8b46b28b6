/* Two rates, three colours (RFC 2698): an indirect meter of packets and a direct one of octets. */
#include "word.p4inc"
header_type colour_t {
  fields {
    packet : 8;
    octet : 8;
  }
}
metadata colour_t colour;
meter by_packets {
  type : packets;
  instance_count : 2;
}
meter by_octets {
  type : bytes;
  direct : route;
  result : colour.octet;
}
action measure() {
  execute_meter(by_packets, word.rest, colour.packet);
}
action show() {
  modify_field(word.mark, colour.octet);
  add_to_field(word.mark, colour.packet);
}
table measured {
  actions {
    measure;
  }
  default_action : measure();
}
table route {
  reads {
    word.key : exact;
  }
  actions {
    show;
    no_op;
  }
}
control ingress {
  apply(measured);
  apply(route);
}
