/* Ranges, beside a key that is matched with a mask. */
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
