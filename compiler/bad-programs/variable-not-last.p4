// expect: p4-bad-variable-field 4:5
header_type list_t {
  fields {
    rest : *;
    size : 8;
  }
  length : size;
  max_length : 16;
}
header list_t list;
parser start {
  extract(list);
  return ingress;
}
control ingress {
}
