/* Checksums are kept right by the deparser: IPv4 over its header (RFC 791), UDP over pseudo header and payload (RFC 768). */

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
  /* The pseudo header's protocol with a zero before it, and its length. */
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

header_type checksum_constants_t {
  fields {
    zero : 8;
  }
}

metadata checksum_constants_t checksum_constants;

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
