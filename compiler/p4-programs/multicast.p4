/* A group's ports each get a replica, as ingress left the packet. */
#include "word.p4inc"
header_type intrinsic_metadata_t {
  fields {
    mcast_grp : 16;
    egress_rid : 16;
  }
}
metadata intrinsic_metadata_t intrinsic_metadata;
action spread(group) {
  modify_field(intrinsic_metadata.mcast_grp, group);
  modify_field(word.mark, 0x0f);
}
action tell() {
  add_to_field(word.mark, intrinsic_metadata.egress_rid);
  modify_field(word.rest, standard_metadata.instance_type);
}
table groups {
  reads {
    word.key : exact;
  }
  actions {
    spread;
  }
}
table replica {
  actions {
    tell;
  }
  default_action : tell();
}
control ingress {
  apply(groups);
}
control egress {
  apply(replica);
}
