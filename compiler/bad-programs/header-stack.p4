// expect: p4-stack-without-index 9:3
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
