/* Which headers a packet has, as a key. */
#include "both.p4inc"
table which {
  reads {
    first : valid;
    second : valid;
    word.rest : exact;
  }
  actions {
    forward;
    lose;
  }
  default_action : lose();
}
control ingress {
  apply(which);
}
