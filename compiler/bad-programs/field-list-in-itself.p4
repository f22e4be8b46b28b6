// expect: p4-cycle 12:12, p4-cycle 16:12
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
  m;
}
field_list m {
  l;
}
control ingress {
}
