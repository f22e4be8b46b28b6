// expect: p4-unsupported 19:24
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
field_list l {
  list;
}
// A number over a field whose octets are only known when the packet comes.
field_list_calculation c {
  input {
    l;
  }
  algorithm : crc16;
  output_width : 16;
}
control ingress {
}
