/* A direct register: each entry's actions have a cell, whatever index they give; a miss has none. */
header_type flow_t {
  fields {
    key : 16;
    seen : 32;
  }
}
header flow_t flow;
register packets {
  width : 32;
  direct : flows;
}
parser start {
  extract(flow);
  return ingress;
}
action counted(port, step) {
  register_read(flow.seen, packets, 0);
  add_to_field(flow.seen, step);
  register_write(packets, 7, flow.seen);
  modify_field(standard_metadata.egress_spec, port);
}
table flows {
  reads {
    flow.key : exact;
  }
  actions {
    counted;
  }
  size : 4;
}
control ingress {
  apply(flows);
}
