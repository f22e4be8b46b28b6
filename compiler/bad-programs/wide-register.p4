// expect: p4-register-width 12:10
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
register cells {
  width : 128;
  instance_count : 4;
}
control ingress {
}
