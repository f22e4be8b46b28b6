/* A clone from egress to egress has the headers as egress left them. */
#include "word.p4inc"
action send_twice() {
  modify_field(standard_metadata.egress_spec, 1);
}
action copy() {
  add_to_field(word.mark, 1);
  clone_egress_pkt_to_egress(2);
}
action last() {
  modify_field(word.rest, standard_metadata.instance_type);
}
table first {
  actions {
    send_twice;
  }
  default_action : send_twice();
}
table out {
  reads {
    word.mark : exact;
  }
  actions {
    copy;
    last;
  }
  default_action : last();
}
control ingress {
  apply(first);
}
control egress {
  apply(out);
}
