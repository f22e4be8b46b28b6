/* Headers, parser and checksums for all that the four lambdas, or those who wrote them, could think of. */

header_type ethernet_t {
  fields {
    dstAddr : 48;
    srcAddr : 48;
    etherType : 16;
  }
}

header_type vlan_t {
  fields {
    priority_ : 3;
    dropEligible : 1;
    vid : 12;
    etherType : 16;
  }
}

header_type arp_t {
  fields {
    hardware : 16;
    protocol : 16;
    hardwareOctets : 8;
    protocolOctets : 8;
    operation : 16;
    senderMac : 48;
    senderAddr : 32;
    targetMac : 48;
    targetAddr : 32;
  }
}

header_type ipv4_t {
  fields {
    version : 4;
    ihl : 4;
    diffserv : 8;
    totalLen : 16;
    identification : 16;
    flags : 3;
    fragOffset : 13;
    ttl : 8;
    protocol : 8;
    hdrChecksum : 16;
    srcAddr : 32;
    dstAddr : 32;
  }
}

header_type icmp_t {
  fields {
    type_ : 8;
    code : 8;
    checksum : 16;
    rest : 32;
  }
}

header_type tcp_t {
  fields {
    srcPort : 16;
    dstPort : 16;
    sequence : 32;
    acknowledgement : 32;
    offset : 4;
    reserved : 4;
    flags : 8;
    window : 16;
    checksum : 16;
    urgent : 16;
  }
}

header_type udp_t {
  fields {
    srcPort : 16;
    dstPort : 16;
    length_ : 16;
    checksum : 16;
  }
}

header_type lambda_hdr_t {
  fields {
    wId : 32;
    requestId : 32;
    fragment : 16;
    fragments : 16;
    flags : 16;
    status : 16;
    length_ : 32;
  }
}

header_type memcached_hdr_t {
  fields {
    requestId : 16;
    sequence : 16;
    datagrams : 16;
    reserved : 16;
  }
}

header_type exchange_t {
  fields {
    mac : 48;
    address : 32;
    port : 16;
  }
}

header_type pipeline_t {
  fields {
    unchanged : 8;
    answerOctets : 16;
  }
}

header_type checksum_constants_t {
  fields {
    zero : 8;
  }
}

header ethernet_t ethernet;
header vlan_t vlan;
header arp_t arp;
header ipv4_t ipv4;
header icmp_t icmp;
header tcp_t tcp;
header udp_t udp;
header lambda_hdr_t lambda_hdr;
header memcached_hdr_t memcached_hdr;
metadata exchange_t exchange;
metadata pipeline_t pipeline;
metadata checksum_constants_t checksum_constants;

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_VLAN 0x8100
#define PROTOCOL_ICMP 1
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define LAMBDA_PORT 4369
#define MEMCACHED_PORT 11211

parser start {
  return parse_ethernet;
}

parser parse_ethernet {
  extract(ethernet);
  return select(latest.etherType) {
    ETHERTYPE_IPV4 : parse_ipv4;
    ETHERTYPE_ARP : parse_arp;
    ETHERTYPE_VLAN : parse_vlan;
    default : ingress;
  }
}

parser parse_vlan {
  extract(vlan);
  return ingress;
}

parser parse_arp {
  extract(arp);
  return ingress;
}

parser parse_ipv4 {
  extract(ipv4);
  return select(latest.version, latest.ihl, latest.flags, latest.fragOffset, latest.protocol) {
    4, 5, 0 mask 0x1, 0, PROTOCOL_ICMP : parse_icmp;
    4, 5, 0 mask 0x1, 0, PROTOCOL_TCP : parse_tcp;
    4, 5, 0 mask 0x1, 0, PROTOCOL_UDP : parse_udp;
    default : ingress;
  }
}

parser parse_icmp {
  extract(icmp);
  return ingress;
}

parser parse_tcp {
  extract(tcp);
  return ingress;
}

parser parse_udp {
  extract(udp);
  return select(latest.dstPort) {
    LAMBDA_PORT : parse_lambda_hdr;
    default : parse_udp_source;
  }
}

parser parse_udp_source {
  return select(udp.srcPort) {
    MEMCACHED_PORT : parse_memcached_hdr;
    default : ingress;
  }
}

parser parse_lambda_hdr {
  extract(lambda_hdr);
  return ingress;
}

parser parse_memcached_hdr {
  extract(memcached_hdr);
  return ingress;
}

field_list ipv4_checksum_list {
  ipv4.version;
  ipv4.ihl;
  ipv4.diffserv;
  ipv4.totalLen;
  ipv4.identification;
  ipv4.flags;
  ipv4.fragOffset;
  ipv4.ttl;
  ipv4.protocol;
  ipv4.srcAddr;
  ipv4.dstAddr;
}

field_list_calculation ipv4_checksum {
  input {
    ipv4_checksum_list;
  }
  algorithm : csum16;
  output_width : 16;
}

calculated_field ipv4.hdrChecksum {
  update ipv4_checksum;
}

field_list udp_pseudo_list {
  ipv4.srcAddr;
  ipv4.dstAddr;
  checksum_constants.zero;
  ipv4.protocol;
  udp.length_;
  udp.srcPort;
  udp.dstPort;
  udp.length_;
}

field_list udp_lambda_list {
  udp_pseudo_list;
  lambda_hdr;
  payload;
}

field_list udp_memcached_list {
  udp_pseudo_list;
  memcached_hdr;
  payload;
}

field_list_calculation udp_lambda_checksum {
  input {
    udp_lambda_list;
  }
  algorithm : csum16;
  output_width : 16;
}

field_list_calculation udp_memcached_checksum {
  input {
    udp_memcached_list;
  }
  algorithm : csum16;
  output_width : 16;
}

calculated_field udp.checksum {
  update udp_lambda_checksum if (valid(lambda_hdr));
  update udp_memcached_checksum if (valid(memcached_hdr));
}

#define PORT_WIRE 0x0
#define PORT_HOST 0x300
#define FLAG_RESPONSE 0x0001
#define READER_PORT 49152
#define WRITER_PORT 49153

action to_host() {
  modify_field(pipeline.unchanged, 1);
  modify_field(standard_metadata.egress_spec, PORT_HOST);
}

table send_pkt_to_host {
  actions {
    to_host;
  }
  default_action : to_host();
}

action to_wire() {
  modify_field(pipeline.unchanged, 1);
  modify_field(standard_metadata.egress_spec, PORT_WIRE);
}

table send_pkt_to_wire {
  actions {
    to_wire;
  }
  default_action : to_wire();
}

action discard() {
  drop();
}

table discard_answer {
  actions {
    discard;
  }
  default_action : discard();
}

#include "profile-reader.p4"
#include "profile-writer.p4"
#include "web-server.p4"
#include "image-transformer.p4"

control ingress {
  if (standard_metadata.ingress_port == PORT_HOST) {
    apply(send_pkt_to_wire);
  } else if (valid(lambda_hdr)) {
    if ((lambda_hdr.flags & FLAG_RESPONSE) != 0) {
      apply(discard_answer);
    } else if (lambda_hdr.wId == PROFILE_READER_ID) {
      apply(profile_reader);
      apply(profile_reader_routes);
    } else if (lambda_hdr.wId == PROFILE_WRITER_ID) {
      apply(profile_writer);
      apply(profile_writer_routes);
    } else if (lambda_hdr.wId == WEB_SERVER_ID) {
      apply(web_server);
      apply(return_web_server_results);
      apply(web_server_routes);
    } else if (lambda_hdr.wId == IMAGE_TRANSFORMER_ID) {
      apply(image_transformer);
      apply(return_image_transformer_results);
      apply(image_transformer_routes);
    } else {
      apply(send_pkt_to_host);
    }
  } else if (valid(memcached_hdr)) {
    if (udp.dstPort == READER_PORT) {
      apply(profile_reader_answer);
      apply(return_profile_reader_results);
      apply(profile_reader_routes);
    } else if (udp.dstPort == WRITER_PORT) {
      apply(profile_writer_answer);
      apply(return_profile_writer_results);
      apply(profile_writer_routes);
    } else {
      apply(send_pkt_to_host);
    }
  } else {
    apply(send_pkt_to_host);
  }
}
