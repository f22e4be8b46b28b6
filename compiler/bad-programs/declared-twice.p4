// expect: p4-redefined 14:9
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
}
control ingress {
}
