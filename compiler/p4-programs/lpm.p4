/* The longest prefix wins, whatever the order of the entries. */
#include "word.p4inc"
table route {
  reads {
    word.key : lpm;
  }
  actions {
    forward;
    lose;
  }
  default_action : lose();
}
control ingress {
  apply(route);
}
