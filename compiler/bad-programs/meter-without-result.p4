// expect: p4-meter-result 12:7
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
meter rate {
  type : bytes;
  direct : t;
}
action a() {
}
table t {
  actions {
    a;
  }
}
control ingress {
  apply(t);
}
