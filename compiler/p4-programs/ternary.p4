/* Masks and priorities: the greater number of an STF line comes first, as in p4c's tests. */
#include "word.p4inc"
table route {
  reads {
    word.key : ternary;
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
