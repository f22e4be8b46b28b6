// expect: p4-no-actions 12:7
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
  reads {
    word.value : exact;
  }
}
control ingress {
  apply(t);
}
