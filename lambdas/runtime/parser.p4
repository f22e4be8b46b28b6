/* The generic parser that the workload manager puts before every match stage (paper section 4.1). */

#define ETHERTYPE_IPV4 0x0800
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
    default : ingress;
  }
}

/* Options and IP fragments are the host's business. */
parser parse_ipv4 {
  extract(ipv4);
  return select(latest.version, latest.ihl, latest.flags, latest.fragOffset, latest.protocol) {
    4, 5, 0 mask 0x1, 0, PROTOCOL_UDP : parse_udp;
    default : ingress;
  }
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
