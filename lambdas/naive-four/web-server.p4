/* The lambda, its reply and its routes. */

primitive_action web_server();

action run_web_server() {
  web_server();
}

table web_server {
  actions {
    run_web_server;
  }
  default_action : run_web_server();
}

action web_server_reply() {
  modify_field(exchange.address, ipv4.dstAddr);
  modify_field(ipv4.dstAddr, ipv4.srcAddr);
  modify_field(ipv4.srcAddr, exchange.address);
  modify_field(exchange.port, udp.dstPort);
  modify_field(udp.dstPort, udp.srcPort);
  modify_field(udp.srcPort, exchange.port);
  modify_field(ipv4.ttl, 64);
  bit_or(lambda_hdr.flags, lambda_hdr.flags, FLAG_RESPONSE);
  add(udp.length_, pipeline.answerOctets, 28);
  add(ipv4.totalLen, pipeline.answerOctets, 48);
}

table return_web_server_results {
  actions {
    web_server_reply;
  }
  default_action : web_server_reply();
}

action web_server_route(mac, port) {
  modify_field(ethernet.srcAddr, ethernet.dstAddr);
  modify_field(ethernet.dstAddr, mac);
  modify_field(standard_metadata.egress_spec, port);
}

table web_server_routes {
  reads {
    ipv4.dstAddr : exact;
  }
  actions {
    web_server_route;
    discard;
  }
  default_action : discard();
}
