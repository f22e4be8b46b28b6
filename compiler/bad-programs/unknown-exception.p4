// expect: p4-unknown-name 10:3
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
parser start {
  extract(word);
  parse_error bad_word;
}
control ingress {
}
