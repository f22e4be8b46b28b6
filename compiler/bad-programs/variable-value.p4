// expect: p4-variable-value 16:7
header_type list_t {
  fields {
    size : 8;
    rest : *;
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
  if (list.rest == 0) {
  }
}
