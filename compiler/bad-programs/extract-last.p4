// expect: p4-bad-index 9:3
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word[2];
parser start {
  extract(word[last]);
  return ingress;
}
control ingress {
}
