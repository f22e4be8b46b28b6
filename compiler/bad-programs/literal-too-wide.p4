// expect: parse-bad-width 11:5
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
parser start {
  extract(word);
  return select(latest.value) {
    4w0x1f : ingress;
    default : ingress;
  }
}
control ingress {
}
