/* Counters and registers that belong to one table; the width of a counter is at least what it says. */
header_type kind_t {
  fields {
    kind : 8;
    cell : 8;
  }
}
header kind_t kind;
counter seen {
  type : packets;
  static : first;
  instance_count : 3;
  min_width : 20;
  saturating;
}
register last {
  width : 8;
  static : first;
  instance_count : 3;
}
parser start {
  extract(kind);
  return ingress;
}
action note(value) {
  count(seen, kind.cell);
  register_write(last, kind.cell, value);
}
action pass() {
}
table first {
  reads {
    kind.kind : exact;
  }
  actions {
    note;
    pass;
  }
}
control ingress {
  apply(first);
}
