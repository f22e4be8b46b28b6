// expect: p4-no-ingress 8:8, p4-unknown-name 10:10
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
