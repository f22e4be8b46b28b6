// expect: p4-literal-width 14:3
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
field_list l {
  word.value;
  0;
}
control ingress {
}
