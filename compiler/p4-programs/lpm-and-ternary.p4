/* With a ternary key beside it an lpm key has no say in the order: priorities decide. */
#include "word.p4inc"
table route {
  reads {
    word.key : lpm;
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
