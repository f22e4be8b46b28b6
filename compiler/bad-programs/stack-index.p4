// expect: p4-index-out-of-range 9:3
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word[2];
parser start {
  extract(word[2]);
  return ingress;
}
control ingress {
}
