// expect: p4-bad-argument 13:28
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
  modify_field(word.value, word);
}
table t {
  actions {
    a;
  }
}
control ingress {
  apply(t);
}
