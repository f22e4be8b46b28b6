/* A clone from egress to ingress is what egress sends, and begins anew: the way in which a lambda makes its own request. */
#include "word.p4inc"
action out(port) {
  modify_field(standard_metadata.egress_spec, port);
}
action again() {
  modify_field(word.key, 0xbeef);
  clone_egress_pkt_to_ingress(100);
}
action leave() {
  modify_field(word.rest, standard_metadata.instance_type);
}
action leave_alone() {
  again();
  drop();
}
table where {
  reads {
    word.key : exact;
  }
  actions {
    out;
  }
  default_action : out(1);
}
table make {
  reads {
    word.mark : exact;
    word.key : exact;
  }
  actions {
    again;
    leave;
    leave_alone;
  }
  default_action : leave();
}
control ingress {
  apply(where);
}
control egress {
  apply(make);
}
