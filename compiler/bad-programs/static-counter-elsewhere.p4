// expect: p4-static-object 18:3
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
counter hits {
  type : packets;
  static : t;
  instance_count : 4;
}
action a() {
  count(hits, 1);
}
table t {
  actions {
    a;
  }
}
table u {
  actions {
    a;
  }
}
control ingress {
  apply(t);
  apply(u);
}
