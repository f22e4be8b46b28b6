// expect: p4-bad-argument 13:16
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
action a() {
  add_to_field(3, 1);
}
control ingress {
}
