/* Indirect counters of packets, of octets and of both; a cell beyond the counter is none. */
#include "word.p4inc"
counter packets {
  type : packets;
  instance_count : 4;
}
counter octets {
  type : bytes;
  instance_count : 4;
}
counter both {
  type : packets_and_bytes;
  instance_count : 4;
}
action tally() {
  count(packets, word.mark);
  count(octets, word.mark);
  count(both, word.rest);
}
table counting {
  actions {
    tally;
  }
  default_action : tally();
}
control ingress {
  apply(counting);
}
