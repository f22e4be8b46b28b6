/* select over two fields, with masks; latest; parse_error. */
header_type kind_t {
  fields {
    kind : 4;
    flags : 4;
  }
}
header_type octet_t {
  fields {
    value : 8;
  }
}
header kind_t kind;
header octet_t a;
header octet_t b;
parser start {
  extract(kind);
  return select(latest.kind, kind.flags) {
    1, 2 : parse_a;
    1 mask 1, 8 mask 8 : parse_b;
    0xf0 mask 0xf0 : parse_ab;
    0, 0 : fail;
    default : ingress;
  }
}
parser parse_a {
  extract(a);
  return ingress;
}
parser parse_b {
  extract(b);
  return ingress;
}
parser parse_ab {
  extract(a);
  return parse_b;
}
parser fail {
  parse_error p4_pe_unhandled_select;
}
action mark_a() {
  modify_field(a.value, 0xaa);
}
action mark_b() {
  modify_field(b.value, 0xbb);
}
table with_a {
  actions { mark_a; }
  default_action : mark_a();
}
table with_b {
  actions { mark_b; }
  default_action : mark_b();
}
control ingress {
  if (valid(a)) {
    apply(with_a);
  }
  if (valid(b)) {
    apply(with_b);
  }
}
