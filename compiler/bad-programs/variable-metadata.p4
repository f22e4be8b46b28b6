// expect: p4-bad-variable-field 5:5
header_type list_t {
  fields {
    size : 8;
    rest : *;
  }
  length : size;
  max_length : 16;
}
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
metadata list_t list;
parser start {
  extract(word);
  return ingress;
}
control ingress {
}
