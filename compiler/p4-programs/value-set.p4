/* A parser value set: its members come with the rules. */
header_type kind_t {
  fields {
    kind : 8;
  }
}
header kind_t kind;
header kind_t more;
parser_value_set known;
parser start {
  extract(kind);
  return select(kind.kind) {
    known : parse_more;
    default : ingress;
  }
}
parser parse_more {
  extract(more);
  return ingress;
}
action mark() {
  modify_field(more.kind, 0xff);
}
table found {
  actions { mark; }
  default_action : mark();
}
control ingress {
  if (valid(more)) {
    apply(found);
  }
}
