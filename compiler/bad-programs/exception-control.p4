// expect: p4-unknown-name 9:10
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
parser_exception p4_pe_out_of_packet {
  return recover;
}
parser start {
  extract(word);
  return ingress;
}
control ingress {
}
