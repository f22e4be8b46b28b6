// expect: p4-argument-count 13:3
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
  modify_field(word.value);
}
control ingress {
}
