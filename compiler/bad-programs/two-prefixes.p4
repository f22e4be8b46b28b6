// expect: p4-two-lpm 17:5
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
    word.value : lpm;
    standard_metadata.packet_length : lpm;
  }
  actions {
    a;
  }
}
control ingress {
  apply(t);
}
