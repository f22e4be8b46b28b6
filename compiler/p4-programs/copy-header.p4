/* copy_header copies fields, and whether the header is there. */
#include "both.p4inc"
action down() {
  copy_header(second, first);
  modify_field(word.key, 0x30);
}
table change {
  actions {
    down;
  }
  default_action : down();
}
control ingress {
  apply(change);
}
