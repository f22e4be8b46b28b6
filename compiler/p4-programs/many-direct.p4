/* Direct counters and a group of a profile, of a table that lies in memory. */
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
action_profile hops {
  actions {
    forward;
    lose;
  }
  dynamic_action_selection : by_flow;
}
counter hits {
  type : packets;
  direct : route;
}
table route {
  reads {
    word.key : exact;
  }
  action_profile : hops;
}
control ingress {
  apply(route);
}
