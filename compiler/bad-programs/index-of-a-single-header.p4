// expect: p4-not-a-stack 9:3
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
parser start {
  extract(word[0]);
  return ingress;
}
control ingress {
}
