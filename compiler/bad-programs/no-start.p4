// expect: p4-no-start 7:15
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
control ingress {
}
