/* An index is matched as it is. */
#include "word.p4inc"
table route {
  reads {
    word.rest : index;
  }
  actions {
    forward;
  }
  min_size : 4;
  max_size : 8;
}
control ingress {
  apply(route);
}
