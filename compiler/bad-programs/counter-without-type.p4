// expect: parse-missing-attribute 12:9
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
  instance_count : 4;
}
control ingress {
}
