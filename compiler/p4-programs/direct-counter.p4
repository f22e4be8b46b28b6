/* A direct counter has a cell for every entry, and counts what matches. */
#include "word.p4inc"
counter hits {
  type : packets_and_bytes;
  direct : route;
}
table route {
  reads {
    word.key : exact;
  }
  actions {
    forward;
    lose;
  }
  default_action : lose();
  size : 8;
}
control ingress {
  apply(route);
}
