/* modify_field_with_hash_based_offset: base + CRC-16 of the fields, modulo the size. */
header_type flow_t {
  fields {
    key : 72;
    hash : 16;
    small : 8;
    wide : 32;
  }
}
header flow_t flow;
field_list keys {
  flow.key;
}
field_list_calculation by_crc16 {
  input {
    keys;
  }
  algorithm : crc16;
  output_width : 16;
}
field_list_calculation by_crc32 {
  input {
    keys;
  }
  algorithm : crc32;
  output_width : 32;
}
parser start {
  extract(flow);
  return ingress;
}
action compute() {
  modify_field_with_hash_based_offset(flow.hash, 0, by_crc16, 65536);
  modify_field_with_hash_based_offset(flow.small, 100, by_crc16, 10);
  modify_field_with_hash_based_offset(flow.wide, 0, by_crc32, 0x7fffffff);
}
table work {
  actions { compute; }
  default_action : compute();
}
control ingress {
  apply(work);
}
