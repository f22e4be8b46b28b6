/* current() looks at what is not extracted yet. */
header_type octet_t {
  fields {
    value : 8;
  }
}
header_type wide_t {
  fields {
    value : 24;
  }
}
header octet_t first;
header octet_t small;
header wide_t large;
parser start {
  extract(first);
  return select(current(4, 8)) {
    0x12 : parse_small;
    0x34 : parse_large;
    default : ingress;
  }
}
parser parse_small {
  extract(small);
  return ingress;
}
parser parse_large {
  extract(large);
  return ingress;
}
action mark_small() {
  modify_field(small.value, 0);
}
action mark_large() {
  modify_field(large.value, 0);
}
table with_small {
  actions { mark_small; }
  default_action : mark_small();
}
table with_large {
  actions { mark_large; }
  default_action : mark_large();
}
control ingress {
  if (valid(small)) {
    apply(with_small);
  }
  if (valid(large)) {
    apply(with_large);
  }
}
