// expect: parse-missing-attribute 12:17
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
action_selector choose {
  selection_mode : fair;
}
control ingress {
}
