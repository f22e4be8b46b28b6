// expect: p4-too-wide 13:39
header_type wide_t {
  fields {
    value : 128;
  }
}
header wide_t wide;
parser start {
  extract(wide);
  return ingress;
}
action a() {
  modify_field(wide.value, wide.value + 1);
}
table t {
  actions {
    a;
  }
}
control ingress {
  apply(t);
}
