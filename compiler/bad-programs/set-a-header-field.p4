// expect: p4-not-metadata 10:16
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
parser start {
  extract(word);
  set_metadata(word.value, 1);
  return ingress;
}
control ingress {
}
