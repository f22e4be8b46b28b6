/* Ranges, too many for code: rows in the order of their priorities. */
#include "word.p4inc"
table route {
  reads {
    word.key : range;
    word.rest : ternary;
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
