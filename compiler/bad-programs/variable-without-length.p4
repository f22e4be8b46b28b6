// expect: p4-bad-header 2:13
header_type list_t {
  fields {
    size : 8;
    rest : *;
  }
  max_length : 16;
}
header list_t list;
parser start {
  extract(list);
  return ingress;
}
control ingress {
}
