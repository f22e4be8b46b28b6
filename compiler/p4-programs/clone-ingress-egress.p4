/* A clone from ingress to egress is the packet as it came, parsed again, with the fields that the list preserves. */
#include "word.p4inc"
header_type note_t {
  fields {
    seen : 8;
    lost : 8;
  }
}
metadata note_t note;
field_list kept {
  note.seen;
}
action copy() {
  modify_field(word.mark, 0x77);
  modify_field(note.seen, 5);
  modify_field(note.lost, 6);
  modify_field(standard_metadata.egress_spec, 1);
  clone_ingress_pkt_to_egress(7, kept);
}
action show() {
  modify_field(word.rest, standard_metadata.instance_type);
  add_to_field(word.mark, note.seen);
  add_to_field(word.key, note.lost);
}
table make {
  actions {
    copy;
  }
  default_action : copy();
}
table out {
  actions {
    show;
  }
  default_action : show();
}
control ingress {
  apply(make);
}
control egress {
  apply(out);
}
