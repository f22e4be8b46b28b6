// expect: p4-bad-header 2:13
header_type odd_t {
  fields {
    a : 3;
  }
}
header odd_t odd;
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
control ingress {
}
