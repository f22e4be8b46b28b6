// expect: p4-no-latest 9:16
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
parser start {
  set_metadata(latest.value, 1);
  extract(word);
  return ingress;
}
control ingress {
}
