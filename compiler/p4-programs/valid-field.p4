/* Whether a header is valid as a key that is written like a field. */
header_type kind_t {
  fields {
    kind : 8;
    result : 8;
  }
}
header_type word_t {
  fields {
    valid : 8;
  }
}
header_type octet_t {
  fields {
    value : 8;
  }
}
header kind_t kind;
header word_t word;
header octet_t octet;
parser start {
  extract(kind);
  return select(kind.kind) {
    1 : read_word;
    2 : read_octet;
  }
}
parser read_word {
  extract(word);
  return ingress;
}
parser read_octet {
  extract(octet);
  return ingress;
}
action mark(value) {
  modify_field(kind.result, value);
}
action add_mark(value) {
  add_to_field(kind.result, value);
}
table exactly {
  reads {
    octet.valid : exact;
  }
  actions {
    mark;
  }
}
table by_priority {
  reads {
    octet.valid : ternary;
    kind.kind : ternary;
  }
  actions {
    add_mark;
  }
}
/* This header has a field of that name. */
table field {
  reads {
    word.valid : exact;
  }
  actions {
    mark;
  }
}
control ingress {
  apply(exactly);
  apply(by_priority);
  if (valid(word)) {
    apply(field);
  }
}
