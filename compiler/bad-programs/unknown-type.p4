// expect: p4-unknown-type 12:16
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
header other_t other;
control ingress {
}
