/* Actions call actions and hand their parameters on; drop is undone by a later port. */
#include "word.p4inc"
action both(port, mark, rest) {
  drop();
  forward(port, mark + 1);
  set_rest(rest);
}
action set_rest(value) {
  modify_field(word.rest, value);
}
table route {
  reads {
    word.key : exact;
  }
  actions {
    both;
    set_rest;
    drop;
    no_op;
  }
  default_action : no_op();
}
control ingress {
  apply(route);
}
