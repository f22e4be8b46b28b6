// expect: p4-cycle 12:8
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
parser start {
  extract(word);
  return ingress;
}
action a() {
  b();
}
action b() {
  a();
}
table t {
  actions {
    a;
  }
}
control ingress {
  apply(t);
}
