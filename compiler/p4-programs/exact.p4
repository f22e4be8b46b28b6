/* A table with one exact key; what it does not know is dropped. */
#include "word.p4inc"
table route {
  reads {
    word.key : exact;
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
