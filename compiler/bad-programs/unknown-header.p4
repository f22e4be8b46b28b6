// expect: p4-unknown-name 13:7
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
control ingress {
  if (valid(other)) {
  }
}
