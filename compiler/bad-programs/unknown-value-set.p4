// expect: p4-unknown-name 11:5
header_type word_t {
  fields {
    value : 32;
  }
}
header word_t word;
parser start {
  extract(word);
  return select(latest.value) {
    known : ingress;
    default : ingress;
  }
}
control ingress {
}
