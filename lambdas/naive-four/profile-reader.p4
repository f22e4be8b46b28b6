/* The client's two invocations (a request; memcached's answer), its reply and its routes. */

primitive_action profile_reader();
primitive_action profile_reader_answer();

action run_profile_reader() {
  profile_reader();
}

table profile_reader {
  actions {
    run_profile_reader;
  }
  default_action : run_profile_reader();
}

action run_profile_reader_answer() {
  profile_reader_answer();
}

table profile_reader_answer {
  actions {
    run_profile_reader_answer;
  }
  default_action : run_profile_reader_answer();
}

action profile_reader_reply() {
  bit_or(lambda_hdr.flags, lambda_hdr.flags, FLAG_RESPONSE);
  add(udp.length_, pipeline.answerOctets, 28);
  add(ipv4.totalLen, pipeline.answerOctets, 48);
  modify_field(ipv4.ttl, 64);
}

table return_profile_reader_results {
  actions {
    profile_reader_reply;
  }
  default_action : profile_reader_reply();
}

action profile_reader_route(mac, port) {
  modify_field(ethernet.srcAddr, ethernet.dstAddr);
  modify_field(ethernet.dstAddr, mac);
  modify_field(standard_metadata.egress_spec, port);
}

table profile_reader_routes {
  reads {
    ipv4.dstAddr : exact;
  }
  actions {
    profile_reader_route;
    discard;
  }
  default_action : discard();
}
