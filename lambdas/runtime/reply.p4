/* What answers of all lambdas have in common: back to where the request came from. */

#define FLAG_RESPONSE 0x0001
#define REPLY_TTL 64

action exchange_ends() {
  modify_field(exchange.mac, ethernet.dstAddr);
  modify_field(ethernet.dstAddr, ethernet.srcAddr);
  modify_field(ethernet.srcAddr, exchange.mac);
  modify_field(exchange.address, ipv4.dstAddr);
  modify_field(ipv4.dstAddr, ipv4.srcAddr);
  modify_field(ipv4.srcAddr, exchange.address);
  modify_field(exchange.port, udp.dstPort);
  modify_field(udp.dstPort, udp.srcPort);
  modify_field(udp.srcPort, exchange.port);
  modify_field(ipv4.ttl, REPLY_TTL);
  modify_field(standard_metadata.egress_spec, standard_metadata.ingress_port);
}

/* 20 octets lambda header, 8 UDP, 20 IPv4. */
action finish_reply() {
  bit_or(lambda_hdr.flags, lambda_hdr.flags, FLAG_RESPONSE);
  add(udp.length_, pipeline.answerOctets, 28);
  add(ipv4.totalLen, pipeline.answerOctets, 48);
}

action reply() {
  exchange_ends();
  finish_reply();
}
