// expect: p4-unknown-name 14:5
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
table t {
  actions {
    act;
  }
}
control ingress {
  apply(t);
}
