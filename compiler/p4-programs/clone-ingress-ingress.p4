/* A clone from ingress to ingress is the packet as it came. */
#include "word.p4inc"
field_list kept {
  count.copies;
}
header_type count_t {
  fields {
    copies : 8;
  }
}
metadata count_t count;
action copy() {
  add_to_field(count.copies, 1);
  modify_field(word.mark, 0xff);
  modify_field(standard_metadata.egress_spec, 1);
  clone_ingress_pkt_to_ingress(0, kept);
}
action end() {
  modify_field(word.rest, count.copies);
  modify_field(standard_metadata.egress_spec, 2);
}
table first {
  actions {
    copy;
  }
  default_action : copy();
}
table second {
  actions {
    end;
  }
  default_action : end();
}
control ingress {
  if (count.copies < 3) {
    apply(first);
  } else {
    apply(second);
  }
}
