/* primitive_action: the door to Micro-C. What it returns ends the packet's way, or does not. */
#include "word.p4inc"
primitive_action judge();
action ask() {
  modify_field(word.rest, 1);
  judge();
  add_to_field(word.rest, 1);
}
table asked {
  actions { ask; }
  default_action : ask();
}
control ingress {
  apply(asked);
}
