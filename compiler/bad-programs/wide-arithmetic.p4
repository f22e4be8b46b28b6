// expect: p4-too-wide 14:39
header_type wide_t {
  fields {
    value : 160;
    number : 160 (saturating);
  }
}
header wide_t wide;
parser start {
  extract(wide);
  return ingress;
}
action a() {
  modify_field(wide.value, wide.value * wide.number);
}
table t {
  actions {
    a;
  }
}
control ingress {
  apply(t);
}
