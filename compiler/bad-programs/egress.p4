// expect: p4-unsupported 14:9
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
control egress {
  ingress();
}
