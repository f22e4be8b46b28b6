// expect: p4-not-a-field 16:5
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
    word : exact;
  }
  actions {
    a;
  }
}
control ingress {
  apply(t);
}
