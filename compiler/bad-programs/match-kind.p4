// expect: parse-bad-match 16:18
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
table t {
  reads {
    word.value : exactly;
  }
  actions {
    a;
  }
}
control ingress {
}
