#define ETHERTYPE_IPV4 0x0800
#define PROTOCOL_UDP 17

#define JOB_PORT 4369
#define MEMCACHED_PORT 11211
/* What a clone is told by, when it comes back. */
#define GET_PORT 0x3333
#define SET_PORT 0x4444

parser start {
    return parse_eth;
}

parser parse_eth {
    extract(eth);
    set_metadata(asked.mac, eth.dstAddr);
    return select(eth.etherType) {
        ETHERTYPE_IPV4 : parse_ipv4;
        default : ingress;
    }
}

parser parse_ipv4 {
    extract(ipv4);
    set_metadata(asked.address, ipv4.dstAddr);
    return select(ipv4.protocol) {
        PROTOCOL_UDP : parse_udp;
        default : ingress;
    }
}

parser parse_udp {
    extract(udp);
    set_metadata(asked.port, udp.dstPort);
    return select(udp.dstPort) {
        JOB_PORT : parse_job;
        0 : parse_memcached;
        default : ingress;
    }
}

parser parse_job {
    extract(job);
    return ingress;
}

/* Never taken: it says that the header exists. */
parser parse_memcached {
    extract(memcached);
    return ingress;
}
