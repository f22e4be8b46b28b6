/* Action profiles: members are shared by entries; a selector chooses one of a group by a hash of the packet. */
#include "word.p4inc"
field_list flow {
  word.rest;
}
field_list_calculation flow_hash {
  input {
    flow;
  }
  algorithm : identity;
  output_width : 8;
}
action_selector by_flow {
  selection_key : flow_hash;
}
action_profile next_hops {
  actions {
    forward;
    lose;
  }
  size : 16;
  dynamic_action_selection : by_flow;
}
table route {
  reads {
    word.key : exact;
  }
  action_profile : next_hops;
}
control ingress {
  apply(route);
}
