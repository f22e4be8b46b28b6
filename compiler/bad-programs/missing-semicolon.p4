// expect: parse-expected-token 14:1
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
  apply(t)
}
