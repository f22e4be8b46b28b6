// expect: parse-bad-width 4:13
header_type word_t {
  fields {
    value : 4096;
  }
}
header word_t word;
parser start {
  extract(word);
  return ingress;
}
control ingress {
}
