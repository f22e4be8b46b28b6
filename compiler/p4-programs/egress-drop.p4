/* drop() in egress; a port that egress asks for is not taken any more. */
#include "word.p4inc"
action late(port) {
  modify_field(standard_metadata.egress_spec, port);
}
table go {
  actions { forward; }
  default_action : forward(4, 0);
}
table last {
  reads {
    word.key : exact;
  }
  actions {
    lose;
    late;
  }
}
control ingress {
  apply(go);
}
control egress {
  apply(last);
}
