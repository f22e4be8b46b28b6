// expect: p4-bad-argument 13:8
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
  push(word, 1);
}
table t {
  actions {
    a;
  }
}
control ingress {
  apply(t);
}
