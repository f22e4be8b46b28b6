/* A thousand entries lie in memory and are found by a hash of their keys. */
#include "wide.p4inc"
table route {
  reads {
    wide.address : exact;
    wide.kind : exact;
  }
  actions {
    mark;
    set_address;
    lose;
  }
  default_action : lose();
  size : 2000;
}
control ingress {
  apply(route) {
    set_address {
      apply(changed);
    }
  }
}
table changed {
  actions {
    mark;
  }
  default_action : mark(3, 0xee);
}
