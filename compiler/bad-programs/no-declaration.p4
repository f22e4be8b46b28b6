// expect: parse-expected-declaration 12:1
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
pipeline x {
}
control ingress {
}
