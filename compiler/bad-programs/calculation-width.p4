// expect: p4-wrong-width 23:3
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
  word;
}
field_list_calculation c {
  input {
    l;
  }
  algorithm : csum16;
  output_width : 16;
}
calculated_field word.value {
  verify c;
}
control ingress {
}
