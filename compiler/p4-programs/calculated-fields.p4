/* Calculated fields: over the payload, with conditions, by xor16 and by a CRC; what is wrong when it comes is dropped. */
header_type kind_t {
  fields {
    kind : 8;
    pad : 8;
    mix : 16;
    crc : 32;
  }
}
header_type udp_t {
  fields {
    source : 16;
    destination : 16;
    octets : 16;
    sum : 16;
  }
}
header kind_t kind;
header udp_t udp;
field_list datagram {
  udp.source;
  udp.destination;
  udp.octets;
  8'0;
  8'17;
  payload;
}
field_list_calculation with_payload {
  input {
    datagram;
  }
  algorithm : csum16_udp;
  output_width : 16;
}
field_list words {
  kind.kind;
  kind.pad;
  udp.source;
  udp.destination;
}
field_list_calculation mixed {
  input {
    words;
  }
  algorithm : xor16;
  output_width : 16;
}
field_list_calculation castagnoli {
  input {
    words;
  }
  algorithm : crc32c;
  output_width : 32;
}
calculated_field udp.sum {
  verify with_payload if (udp.sum != 0);
  update with_payload if (kind.kind == 1);
}
calculated_field kind.mix {
  update mixed;
}
calculated_field kind.crc {
  update castagnoli;
}
parser start {
  extract(kind);
  extract(udp);
  return ingress;
}
action turn() {
  modify_field(udp.source, udp.destination);
}
table all {
  actions {
    turn;
  }
  default_action : turn();
}
control ingress {
  apply(all);
}
