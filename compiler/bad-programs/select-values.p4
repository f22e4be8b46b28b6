// expect: parse-select-values 11:5
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
parser start {
  extract(word);
  return select(word.value) {
    1, 2 : ingress;
  }
}
control ingress {
}
