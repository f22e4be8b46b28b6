/* Metadata has its initial values for every packet; the parser sets it; the standard metadata is the NIC's. */
header_type octet_t {
  fields {
    value : 8;
    port : 8;
    length : 16;
    type : 8;
    copy : 16;
    fixed : 8;
  }
}
header_type note_t {
  fields {
    value : 16;
    fixed : 8;
  }
}
header octet_t octet;
metadata note_t note { fixed : 0x42; };
parser start {
  extract(octet);
  set_metadata(note.value, latest.value + 0x100);
  return ingress;
}
action show(port) {
  modify_field(octet.port, standard_metadata.ingress_port);
  modify_field(octet.length, standard_metadata.packet_length);
  modify_field(octet.type, standard_metadata.instance_type);
  modify_field(octet.copy, note.value);
  modify_field(octet.fixed, note.fixed);
  modify_field(note.fixed, 1);
  modify_field(standard_metadata.egress_spec, port);
}
action end() {
  modify_field(octet.type, standard_metadata.egress_port);
}
table shown {
  actions { show; }
  default_action : show(9);
}
table ended {
  actions { end; }
  default_action : end();
}
control ingress {
  apply(shown);
}
control egress {
  apply(ended);
}
