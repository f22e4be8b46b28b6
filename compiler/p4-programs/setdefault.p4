/* The default action of the rules replaces the program's, and can change between packets. */
#include "word.p4inc"
table route {
  reads {
    word.key : exact;
  }
  actions {
    forward;
    lose;
  }
  default_action : forward(1, 0x10);
}
control ingress {
  apply(route);
}
