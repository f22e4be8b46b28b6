// expect: parse-metadata-stack 8:22
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
metadata word_t many[2];
parser start {
  extract(word);
  return ingress;
}
control ingress {
}
