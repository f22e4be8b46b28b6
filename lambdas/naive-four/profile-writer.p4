/* The client's two invocations (a request; memcached's answer), its reply and its routes. */

primitive_action profile_writer();
primitive_action profile_writer_answer();

action run_profile_writer() {
  profile_writer();
}

table profile_writer {
  actions {
    run_profile_writer;
  }
  default_action : run_profile_writer();
}

action run_profile_writer_answer() {
  profile_writer_answer();
}

table profile_writer_answer {
  actions {
    run_profile_writer_answer;
  }
  default_action : run_profile_writer_answer();
}

action profile_writer_reply() {
  bit_or(lambda_hdr.flags, lambda_hdr.flags, FLAG_RESPONSE);
  add(udp.length_, pipeline.answerOctets, 28);
  add(ipv4.totalLen, pipeline.answerOctets, 48);
  modify_field(ipv4.ttl, 64);
}

table return_profile_writer_results {
  actions {
    profile_writer_reply;
  }
  default_action : profile_writer_reply();
}

action profile_writer_route(mac, port) {
  modify_field(ethernet.srcAddr, ethernet.dstAddr);
  modify_field(ethernet.dstAddr, mac);
  modify_field(standard_metadata.egress_spec, port);
}

table profile_writer_routes {
  reads {
    ipv4.dstAddr : exact;
  }
  actions {
    profile_writer_route;
    discard;
  }
  default_action : discard();
}
