/* A header stack: extracted to its end, pushed and popped. */
header_type first_t {
  fields {
    operation : 8;
  }
}
header_type label_t {
  fields {
    value : 7;
    bottom : 1;
  }
}
header first_t first;
header label_t labels[4];
parser start {
  extract(first);
  return parse_labels;
}
parser parse_labels {
  extract(labels[next]);
  return select(latest.bottom) {
    0 : parse_labels;
    default : ingress;
  }
}
action push_one() {
  push(labels, 1);
  modify_field(labels[0].value, 0x2a);
}
action pop_one() {
  pop(labels, 1);
}
action pop_two() {
  pop(labels, 2);
}
action mark_last() {
  modify_field(labels[last].value, 0x7f);
}
table change {
  reads {
    first.operation : exact;
  }
  actions {
    push_one;
    pop_one;
    pop_two;
    mark_last;
  }
}
control ingress {
  apply(change);
}
