// expect: p4-unsupported 15:24
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
}
field_list_calculation c {
  input {
    l;
  }
  algorithm : md5;
  output_width : 32;
}
control ingress {
}
