/* Entries from a .p4cfg, with ports by name, priorities and a default rule; a test adds to them. */
#include "word.p4inc"
table route {
  reads {
    standard_metadata.ingress_port : exact;
    word.key : ternary;
  }
  actions {
    forward;
    lose;
  }
}
control ingress {
  apply(route);
}
