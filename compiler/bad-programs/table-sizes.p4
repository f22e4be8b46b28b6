// expect: p4-table-size 14:7
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
}
table t {
  reads {
    word.value : exact;
  }
  actions {
    a;
  }
  min_size : 9;
  max_size : 8;
}
control ingress {
  apply(t);
}
