// expect: p4-parser-loop 8:8
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
parser start {
  return select(word.value) {
    1 : start;
    default : ingress;
  }
}
control ingress {
}
