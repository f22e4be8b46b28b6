// expect: p4-redefined 12:8
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
action a(x, x) {
}
table t {
  actions {
    a;
  }
}
control ingress {
  apply(t);
}
