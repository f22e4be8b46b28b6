// expect: p4-type-mismatch 19:3
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
header_type byte_t {
  fields {
    value : 8;
  }
}
header byte_t byte;
parser start {
  extract(word);
  return ingress;
}
action a() {
  copy_header(byte, word);
}
table t {
  actions {
    a;
  }
}
control ingress {
  apply(t);
}
