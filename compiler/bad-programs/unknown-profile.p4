// expect: p4-unknown-name 16:20
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
  action_profile : members;
}
control ingress {
  apply(t);
}
