/* The lambda, its reply and its routes. */

primitive_action image_transformer();

action run_image_transformer() {
  image_transformer();
}

table image_transformer {
  actions {
    run_image_transformer;
  }
  default_action : run_image_transformer();
}

action image_transformer_reply() {
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

table return_image_transformer_results {
  actions {
    image_transformer_reply;
  }
  default_action : image_transformer_reply();
}

action image_transformer_route(mac, port) {
  modify_field(ethernet.srcAddr, ethernet.dstAddr);
  modify_field(ethernet.dstAddr, mac);
  modify_field(standard_metadata.egress_spec, port);
}

table image_transformer_routes {
  reads {
    ipv4.dstAddr : exact;
  }
  actions {
    image_transformer_route;
    discard;
  }
  default_action : discard();
}
