/* Header types and instances of the lambda network (packet/ has the same formats for the hosts). */

header_type ethernet_t {
  fields {
    dstAddr : 48;
    srcAddr : 48;
    etherType : 16;
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

header_type udp_t {
  fields {
    srcPort : 16;
    dstPort : 16;
    length_ : 16;
    checksum : 16;
  }
}

/* The gateway inserts it: the lambda's id comes first, as in the paper's section 4.1. */
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

/* Frame header of memcached's UDP protocol (memcached doc/protocol.txt, "UDP protocol"). */
header_type memcached_hdr_t {
  fields {
    requestId : 16;
    sequence : 16;
    datagrams : 16;
    reserved : 16;
  }
}

header ethernet_t ethernet;
header ipv4_t ipv4;
header udp_t udp;
header lambda_hdr_t lambda_hdr;
header memcached_hdr_t memcached_hdr;

/* Room for exchanging source and destination. */
header_type exchange_t {
  fields {
    mac : 48;
    address : 32;
    port : 16;
  }
}

header_type pipeline_t {
  fields {
    /* The frame goes out as it came in: nothing is written back. */
    unchanged : 8;
    /* Octets of the lambda's answer in this frame. */
    answerOctets : 16;
  }
}

metadata exchange_t exchange;
metadata pipeline_t pipeline;
