// expect: parse-unsupported 7:19
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word[4];
parser start {
  extract(word);
  return ingress;
}
control ingress {
}
