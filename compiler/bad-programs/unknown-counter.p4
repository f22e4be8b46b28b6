// expect: p4-unknown-name 13:9
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
  count(hits, 1);
}
table t {
  actions {
    a;
  }
}
control ingress {
  apply(t);
}
