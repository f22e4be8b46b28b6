/* Forty masks and priorities, in memory. */
#include "word.p4inc"
table route {
  reads {
    word.key : ternary;
    word.rest : exact;
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
