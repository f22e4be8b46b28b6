// expect: p4-current-outside-parser 13:28
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
  modify_field(word.value, current(0, 8));
}
table t {
  actions {
    a;
  }
}
control ingress {
  apply(t);
}
