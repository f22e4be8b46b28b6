// expect: p4-redefined 23:5
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
  actions {
    a;
  }
}
control ingress {
  apply(t) {
    a {
    }
    a {
    }
  }
}
