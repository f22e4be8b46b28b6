/* What a plugin does before the first packet: once, and once a context. */
#include "word.p4inc"
primitive_action show();
action ask() {
  show();
}
table asked {
  actions { ask; }
  default_action : ask();
}
control ingress {
  apply(asked);
}
