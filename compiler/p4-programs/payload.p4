// A plugin that reads what lies behind the parsed headers.
header_type ethernet_t { fields { dstAddr : 48; srcAddr : 48; etherType : 16; } }
header_type answer_t { fields { found : 8; at : 8; } }

header ethernet_t ethernet;
header answer_t answer;

parser start {
    extract(ethernet);
    extract(answer);
    return ingress;
}

primitive_action find_word();

action scan() {
    find_word();
    modify_field(standard_metadata.egress_spec, 1);
}

table scanning {
    actions { scan; }
    default_action : scan;
}

control ingress {
    apply(scanning);
}
