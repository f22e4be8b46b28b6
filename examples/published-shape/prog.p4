/*
 * A program in the shape of those that the lambda-NIC authors published: a web server (job 0), a picture (job 1) and a
 * key-value client (jobs 2 and 3) behind one parser, tables whose entries are in a .p4cfg, and lambdas as primitive
 * actions. A key-value request becomes one for memcached by a clone from egress to ingress; memcached runs where the
 * requester does, so its answer is sent on to there.
 */
#include "includes/headers.p4"
#include "includes/parser.p4"

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
    16'0;
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
    verify ipv4_checksum;
    update ipv4_checksum;
}

action forward(port) {
    modify_field(standard_metadata.egress_spec, port);
}

action send_back() {
    modify_field(eth.dstAddr, eth.srcAddr);
    modify_field(eth.srcAddr, asked.mac);
    modify_field(ipv4.dstAddr, ipv4.srcAddr);
    modify_field(ipv4.srcAddr, asked.address);
    modify_field(udp.checksum, 0);
    modify_field(standard_metadata.egress_spec, standard_metadata.ingress_port);
}

action answer_job() {
    serve_job();
    modify_field(udp.dstPort, udp.srcPort);
    modify_field(udp.srcPort, asked.port);
}

action mark_for_clone(clone_port) {
    modify_field(udp.dstPort, clone_port);
    remove_header(job);
}

action ask_memcached() {
    add_header(memcached);
    write_command();
    modify_field(udp.dstPort, MEMCACHED_PORT);
}

action relay_answer() {
    modify_field(udp.srcPort, JOB_PORT);
}

action clone_to_ingress() {
    clone_egress_pkt_to_ingress(100, mirrored);
}

table jobs {
    actions {
        answer_job;
    }
}

table key_value_jobs {
    reads {
        job.jobId : exact;
    }
    actions {
        mark_for_clone;
    }
}

table marked {
    actions {
        ask_memcached;
    }
}

table memcached_answers {
    actions {
        relay_answer;
    }
}

table answers {
    actions {
        send_back;
    }
}

table ports {
    reads {
        standard_metadata.ingress_port : exact;
    }
    actions {
        forward;
    }
}

table clones {
    actions {
        clone_to_ingress;
    }
}

control ingress {
    if (valid(udp)) {
        if (udp.dstPort == JOB_PORT) {
            if (valid(job)) {
                if (job.jobId == 0 or job.jobId == 1) {
                    apply(jobs);
                } else if (job.jobId == 2 or job.jobId == 3) {
                    apply(key_value_jobs);
                }
            }
        } else if (udp.dstPort == GET_PORT or udp.dstPort == SET_PORT) {
            apply(marked);
        } else if (udp.srcPort == MEMCACHED_PORT) {
            apply(memcached_answers);
        }
    }
    if (valid(udp) and (udp.dstPort == MEMCACHED_PORT or udp.srcPort == JOB_PORT)) {
        apply(answers);
    } else {
        apply(ports);
    }
}

control egress {
    if (valid(udp)) {
        if (udp.dstPort == GET_PORT or udp.dstPort == SET_PORT) {
            apply(clones);
        }
    }
}
