/* A clone of a packet with a header of variable width: it waits with as many octets as it has. */
header_type note_t {
  fields {
    octets : 8;
    kind : 8;
    text : *;
  }
  length : octets;
  max_length : 20;
}
header_type mark_t {
  fields {
    value : 8;
  }
}
header note_t note;
header note_t other;
header mark_t mark;
parser start {
  extract(note);
  return select(note.kind) {
    3 : read_other;
    default : read_mark;
  }
}
parser read_other {
  extract(other);
  return read_mark;
}
parser read_mark {
  extract(mark);
  return ingress;
}
action ask() {
  clone_ingress_pkt_to_ingress(9);
}
table ask_twice {
  actions {
    ask;
  }
  default_action : ask();
}
action replace() {
  copy_header(note, other);
  clone_egress_pkt_to_egress(3);
}
action copy() {
  clone_egress_pkt_to_egress(3);
  modify_field(mark.value, 0x11);
}
action clone_mark() {
  add_to_field(mark.value, 1);
}
action without() {
  remove_header(note);
  clone_egress_pkt_to_egress(3);
}
table original {
  reads {
    note.kind : exact;
  }
  actions {
    copy;
    without;
    replace;
  }
}
table other {
  actions {
    clone_mark;
  }
  default_action : clone_mark();
}
control ingress {
  if (standard_metadata.instance_type == 0 and valid(other)) {
    apply(ask_twice);
  }
}
control egress {
  if (standard_metadata.instance_type == 0) {
    apply(original);
  } else {
    apply(other);
  }
}
