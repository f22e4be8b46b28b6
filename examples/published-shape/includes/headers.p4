/* Headers of requests as the lambda-NIC authors lay them out: a job, then sixteen octets. */

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

header_type job_t {
    fields {
        jobId : 32;
        content : 128;
    }
}

/* Frame header of memcached's UDP protocol and the longest command that the plugin writes. */
header_type memcached_t {
    fields {
        command : 256;
    }
}

header_type ends_t {
    fields {
        mac : 48;
        address : 32;
        port : 16;
    }
}

header_type mirror_t {
    fields {
        time : 32;
    }
}

header ethernet_t eth;
header ipv4_t ipv4;
header udp_t udp;
header job_t job;
header memcached_t memcached;

/* To whom the packet came: where an answer comes from. */
metadata ends_t asked;
metadata mirror_t mirror;

field_list mirrored {
    mirror.time;
}

primitive_action serve_job();
primitive_action write_command();
