// expect: p4-not-a-header 10:3
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
metadata word_t scratch;
parser start {
  extract(scratch);
  return ingress;
}
control ingress {
}
