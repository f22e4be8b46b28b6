// expect: name-undefined 14:3
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
primitive_action nowhere();
action a() {
  nowhere();
}
table t {
  actions {
    a;
  }
  default_action : a();
}
control ingress {
  apply(t);
}
