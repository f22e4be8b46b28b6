// expect: p4-extracted-twice 10:3
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
parser start {
  extract(word);
  extract(word);
  return ingress;
}
control ingress {
}
