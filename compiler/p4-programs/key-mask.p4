/* A mask in the program: only those bits of the field are a key. */
#include "word.p4inc"
table route {
  reads {
    word.key mask 0x0ff0 : exact;
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
