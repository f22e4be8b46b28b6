/* A table with one exact key; what it does not know is dropped. */
header_type word_t {
  fields {
    key : 16;
    mark : 8;
    rest : 8;
  }
}
header word_t word;

parser start {
  extract(word);
  return ingress;
}

action forward(port, mark) {
  modify_field(standard_metadata.egress_spec, port);
  modify_field(word.mark, mark);
}

action lose() {
  drop();
}

table route {
  reads {
    word.key : exact;
  }
  actions {
    forward;
    lose;
  }
  default_action : lose();
}

control ingress {
  apply(route);
}
