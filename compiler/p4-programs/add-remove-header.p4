/* Headers come and go; the payload moves with them. */
#include "both.p4inc"
action put_first() {
  add_header(first);
  modify_field(first.value, 0xf1);
  modify_field(word.key, 1);
}
action take_first() {
  remove_header(first);
  modify_field(word.key, 4);
}
action put_both() {
  add_header(second);
  add_header(first);
  modify_field(second.value, word.rest);
  modify_field(word.key, 3);
}
table change {
  reads {
    word.key : exact;
  }
  actions {
    put_first;
    take_first;
    put_both;
  }
}
control ingress {
  apply(change);
}
