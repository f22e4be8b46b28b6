// expect: p4-unknown-name 7:12
header_type list_t {
  fields {
    size : 8;
    rest : *;
  }
  length : count * 4;
  max_length : 16;
}
header list_t list;
parser start {
  extract(list);
  return ingress;
}
control ingress {
}
