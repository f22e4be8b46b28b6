/* The headers of a data centre's switch: stacks of VLAN tags and MPLS labels, tunnels, and what is inside of them. */
header_type ethernet_t {
  fields {
    dstAddr : 48;
    srcAddr : 48;
    etherType : 16;
  }
}
header_type vlan_tag_t {
  fields {
    pcp : 3;
    cfi : 1;
    vid : 12;
    etherType : 16;
  }
}
header_type mpls_t {
  fields {
    label : 20;
    exp : 3;
    bos : 1;
    ttl : 8;
  }
}
header_type arp_t {
  fields {
    hwType : 16;
    protoType : 16;
    hwAddrLen : 8;
    protoAddrLen : 8;
    opcode : 16;
    hwSrcAddr : 48;
    protoSrcAddr : 32;
    hwDstAddr : 48;
    protoDstAddr : 32;
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
header_type ipv6_t {
  fields {
    version : 4;
    trafficClass : 8;
    flowLabel : 20;
    payloadLen : 16;
    nextHdr : 8;
    hopLimit : 8;
    srcAddr : 128;
    dstAddr : 128;
  }
}
header_type icmp_t {
  fields {
    typeCode : 16;
    hdrChecksum : 16;
  }
}
header_type tcp_t {
  fields {
    srcPort : 16;
    dstPort : 16;
    seqNo : 32;
    ackNo : 32;
    dataOffset : 4;
    res : 4;
    flags : 8;
    window : 16;
    checksum : 16;
    urgentPtr : 16;
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
header_type gre_t {
  fields {
    flags : 16;
    proto : 16;
  }
}
header_type nvgre_t {
  fields {
    tni : 24;
    flow : 8;
  }
}
header_type vxlan_t {
  fields {
    flags : 8;
    reserved : 24;
    vni : 24;
    reserved2 : 8;
  }
}
header_type fabric_t {
  fields {
    kind : 8;
    port : 16;
    etherType : 16;
  }
}
header_type llc_t {
  fields {
    dsap : 8;
    ssap : 8;
    control_ : 8;
  }
}
header_type snap_t {
  fields {
    oui : 24;
    etherType : 16;
  }
}
header_type meta_t {
  fields {
    bridge : 16;
    vrf : 12;
    nexthop : 16;
    l3 : 1;
    ttl : 8;
    tunnel : 4;
    entropy : 16;
    labels : 4;
  }
}

header ethernet_t ethernet;
header fabric_t fabric;
header llc_t llc;
header snap_t snap;
header vlan_tag_t vlan_tag[2];
header mpls_t mpls[3];
header arp_t arp;
header ipv4_t ipv4;
header ipv6_t ipv6;
header icmp_t icmp;
header tcp_t tcp;
header udp_t udp;
header gre_t gre;
header nvgre_t nvgre;
header vxlan_t vxlan;
header ethernet_t inner_ethernet;
header ipv4_t inner_ipv4;
header ipv6_t inner_ipv6;
header icmp_t inner_icmp;
header tcp_t inner_tcp;
header udp_t inner_udp;
metadata meta_t meta;

parser start {
  return parse_ethernet;
}

parser parse_ethernet {
  extract(ethernet);
  return select(latest.etherType) {
    0 mask 0xfe00 : parse_llc;
    0x9000 : parse_fabric;
    default : parse_vlan_or_more;
  }
}

parser parse_vlan_or_more {
  return select(ethernet.etherType) {
    0x8100 : parse_vlan;
    0x88a8 : parse_vlan;
    0x8847 : parse_mpls;
    0x0806 : parse_arp;
    0x0800 : parse_ipv4;
    0x86dd : parse_ipv6;
    default : ingress;
  }
}

parser parse_llc {
  extract(llc);
  return select(latest.dsap, latest.ssap) {
    0xaaaa : parse_snap;
    default : ingress;
  }
}

parser parse_snap {
  extract(snap);
  return select(latest.etherType) {
    0x8100 : parse_vlan;
    0x0800 : parse_ipv4;
    0x86dd : parse_ipv6;
    default : ingress;
  }
}

parser parse_fabric {
  extract(fabric);
  return select(latest.etherType) {
    0x8100 : parse_vlan;
    0x8847 : parse_mpls;
    0x0800 : parse_ipv4;
    0x86dd : parse_ipv6;
    default : ingress;
  }
}

parser parse_vlan {
  extract(vlan_tag[next]);
  return select(latest.etherType) {
    0x8100 : parse_vlan;
    0x8847 : parse_mpls;
    0x0806 : parse_arp;
    0x0800 : parse_ipv4;
    0x86dd : parse_ipv6;
    default : ingress;
  }
}

parser parse_mpls {
  extract(mpls[next]);
  set_metadata(meta.labels, meta.labels + 1);
  return select(latest.bos) {
    0 : parse_mpls;
    1 : parse_mpls_bos;
    default : ingress;
  }
}

parser parse_mpls_bos {
  return select(current(0, 4)) {
    4 : parse_ipv4;
    6 : parse_ipv6;
    default : parse_inner_ethernet;
  }
}

parser parse_arp {
  extract(arp);
  return ingress;
}

parser parse_ipv4 {
  extract(ipv4);
  set_metadata(meta.ttl, latest.ttl);
  return select(latest.fragOffset, latest.ihl, latest.protocol) {
    0x501 : parse_icmp;
    0x506 : parse_tcp;
    0x511 : parse_udp;
    0x52f : parse_gre;
    0x504 : parse_inner_ipv4;
    0x529 : parse_inner_ipv6;
    default : ingress;
  }
}

parser parse_ipv6 {
  extract(ipv6);
  set_metadata(meta.ttl, latest.hopLimit);
  return select(latest.nextHdr) {
    58 : parse_icmp;
    6 : parse_tcp;
    17 : parse_udp;
    47 : parse_gre;
    4 : parse_inner_ipv4;
    41 : parse_inner_ipv6;
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
    4789 : parse_vxlan;
    default : ingress;
  }
}

parser parse_vxlan {
  extract(vxlan);
  set_metadata(meta.tunnel, 1);
  return parse_inner_ethernet;
}

parser parse_gre {
  extract(gre);
  return select(latest.flags, latest.proto) {
    0x20006558 : parse_nvgre;
    0x00000800 : parse_inner_ipv4;
    0x000086dd : parse_inner_ipv6;
    default : ingress;
  }
}

parser parse_nvgre {
  extract(nvgre);
  set_metadata(meta.tunnel, 2);
  return parse_inner_ethernet;
}

parser parse_inner_ethernet {
  extract(inner_ethernet);
  return select(latest.etherType) {
    0x0800 : parse_inner_ipv4;
    0x86dd : parse_inner_ipv6;
    default : ingress;
  }
}

parser parse_inner_ipv4 {
  extract(inner_ipv4);
  return select(latest.protocol) {
    1 : parse_inner_icmp;
    6 : parse_inner_tcp;
    17 : parse_inner_udp;
    default : ingress;
  }
}

parser parse_inner_ipv6 {
  extract(inner_ipv6);
  return select(latest.nextHdr) {
    58 : parse_inner_icmp;
    6 : parse_inner_tcp;
    17 : parse_inner_udp;
    default : ingress;
  }
}

parser parse_inner_icmp {
  extract(inner_icmp);
  return ingress;
}

parser parse_inner_tcp {
  extract(inner_tcp);
  return ingress;
}

parser parse_inner_udp {
  extract(inner_udp);
  return ingress;
}

field_list ipv4_list {
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
    ipv4_list;
  }
  algorithm : csum16;
  output_width : 16;
}

calculated_field ipv4.hdrChecksum {
  verify ipv4_checksum if (ipv4.ihl == 5);
  update ipv4_checksum if (ipv4.ihl == 5);
}

action forward(nexthop, dmac) {
  modify_field(meta.nexthop, nexthop);
  modify_field(meta.l3, 1);
  modify_field(ethernet.srcAddr, ethernet.dstAddr);
  modify_field(ethernet.dstAddr, dmac);
  modify_field(standard_metadata.egress_spec, 0);
}

action drop_it() {
  drop();
}

action bounce() {
  modify_field(standard_metadata.egress_spec, standard_metadata.ingress_port);
}

table routes4 {
  reads {
    ipv4.dstAddr : lpm;
  }
  actions {
    forward;
    drop_it;
  }
  size : 16;
}

table routes6 {
  reads {
    ipv6.dstAddr : lpm;
  }
  actions {
    forward;
    drop_it;
  }
  size : 16;
}

action ttl4() {
  subtract_from_field(ipv4.ttl, 1);
}

action ttl6() {
  subtract_from_field(ipv6.hopLimit, 1);
}

table age4 {
  actions {
    ttl4;
  }
  default_action : ttl4();
}

table age6 {
  actions {
    ttl6;
  }
  default_action : ttl6();
}

action decapsulate_inner4() {
  copy_header(ipv4, inner_ipv4);
  remove_header(inner_ipv4);
  copy_header(ethernet, inner_ethernet);
  remove_header(inner_ethernet);
  remove_header(vxlan);
  remove_header(udp);
  bounce();
}

table decapsulate {
  actions {
    decapsulate_inner4;
  }
  default_action : decapsulate_inner4();
}

action pop_labels() {
  pop(mpls, 3);
  modify_field(ethernet.etherType, 0x0800);
}

table labels {
  actions {
    pop_labels;
  }
  default_action : pop_labels();
}

table others {
  actions {
    bounce;
  }
  default_action : bounce();
}

control ingress {
  if (valid(mpls[0]) and valid(ipv4)) {
    apply(labels);
  }
  if (valid(vxlan) and valid(inner_ipv4)) {
    apply(decapsulate);
  } else {
    if (valid(ipv4)) {
      apply(age4);
      apply(routes4);
    } else if (valid(ipv6)) {
      apply(age6);
      apply(routes6);
    } else {
      apply(others);
    }
  }
}
