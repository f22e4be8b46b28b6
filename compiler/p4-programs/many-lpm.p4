/* Prefixes in memory: the longest one that matches, found length by length. */
#include "wide.p4inc"
table route {
  reads {
    wide.address : lpm;
  }
  actions {
    mark;
    lose;
  }
  default_action : lose();
}
control ingress {
  apply(route);
}
