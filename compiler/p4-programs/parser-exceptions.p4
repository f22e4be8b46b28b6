/* An exception of the parser with a handler goes on in its control; without one the packet is lost. */
header_type kind_t {
  fields {
    kind : 8;
    status : 8;
  }
}
header_type long_t {
  fields {
    value : 32;
  }
}
header kind_t kind;
header long_t more;
parser start {
  extract(kind);
  return select(kind.kind) {
    1 : parse_more;
    2 : strange;
    default : ingress;
  }
}
parser parse_more {
  extract(more);
  return ingress;
}
parser strange {
  parse_error unknown_kind;
}
parser_exception unknown_kind {
  return handle_strange;
}
action tell(port) {
  modify_field(kind.status, 0xee);
  modify_field(standard_metadata.egress_spec, port);
}
table told {
  actions { tell; }
  default_action : tell(7);
}
control handle_strange {
  apply(told);
}
control ingress {
}
