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
header mark_t mark;
parser start {
  extract(note);
  extract(mark);
  return ingress;
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
  }
}
table other {
  actions {
    clone_mark;
  }
  default_action : clone_mark();
}
control ingress {
}
control egress {
  if (standard_metadata.instance_type == 0) {
    apply(original);
  } else {
    apply(other);
  }
}
