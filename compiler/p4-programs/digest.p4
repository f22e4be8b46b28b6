/* Digests have no receiver on the NIC: they are counted. */
#include "word.p4inc"
field_list learned {
  word.key;
}
action learn() {
  generate_digest(1, learned);
}
action learn_other() {
  generate_digest(2, learned);
}
table first {
  reads {
    word.mark : exact;
  }
  actions {
    learn;
    learn_other;
  }
}
control ingress {
  apply(first);
}
