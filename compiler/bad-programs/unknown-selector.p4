// expect: p4-unknown-name 18:30
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
action a() {
}
action_profile members {
  actions {
    a;
  }
  dynamic_action_selection : choose;
}
control ingress {
}
