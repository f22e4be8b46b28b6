// expect: p4-direct-object 17:3
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
counter hits {
  type : packets;
  direct : t;
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
