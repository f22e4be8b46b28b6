/* The checksum of IPv4's header (RFC 1071): verified when it comes, updated when it goes. */
header_type ipv4_t {
  fields {
    version : 4;
    ihl : 4;
    diffserv : 8;
    totalLen : 16;
    identification : 16;
    flags : 3;
    fragOffset : 13;
    ttl : 8;
    protocol : 8;
    hdrChecksum : 16;
    srcAddr : 32;
    dstAddr : 32;
  }
}
header ipv4_t ipv4;
field_list fields {
  ipv4.version;
  ipv4.ihl;
  ipv4.diffserv;
  ipv4.totalLen;
  ipv4.identification;
  ipv4.flags;
  ipv4.fragOffset;
  ipv4.ttl;
  ipv4.protocol;
  16'0;
  ipv4.srcAddr;
  ipv4.dstAddr;
}
field_list_calculation ones_sum {
  input {
    fields;
  }
  algorithm : csum16;
  output_width : 16;
}
calculated_field ipv4.hdrChecksum {
  verify ones_sum;
  update ones_sum;
}
parser start {
  extract(ipv4);
  return ingress;
}
action hop() {
  subtract_from_field(ipv4.ttl, 1);
}
table route {
  actions { hop; }
  default_action : hop();
}
control ingress {
  apply(route);
}
