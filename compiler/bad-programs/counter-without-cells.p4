// expect: p4-instance-count 12:9
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
counter hits {
  type : packets;
}
control ingress {
}
