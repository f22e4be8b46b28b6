/* Several values that lead to one state, several actions with one case. */
#define TAGS 0x8100, 0x9100 mask 0xff00
header_type kind_t {
  fields {
    kind : 16;
    class : 4;
    flags : 4;
    code : 8;
  }
}
header_type mark_t {
  fields {
    value : 8;
  }
}
header kind_t kind;
header mark_t tag;
header mark_t note;
parser start {
  extract(kind);
  return select(latest.kind) {
    TAGS : read_tag;
    7 : ingress;
    default : by_class;
  }
}
parser by_class {
  return select(kind.class, kind.flags, kind.code) {
    0x1200, 0x3400 mask 0xff00 : read_note;
    default : ingress;
  }
}
parser read_tag {
  extract(tag);
  return by_class;
}
parser read_note {
  extract(note);
  return ingress;
}
action one() {
}
action two() {
}
action three() {
}
action drop() {
  modify_field(kind.code, 0xdd);
}
action see() {
  modify_field(kind.code, 0xcc);
}
table which {
  reads {
    kind.kind : exact;
  }
  actions {
    one;
    two;
    three;
  }
}
table mark_both {
  actions {
    see;
  }
  const default_action : see();
}
table mark_one {
  actions {
    drop;
  }
  const default_action : drop;
}
action noted() {
  modify_field(note.value, 0xee);
}
action tagged() {
  modify_field(tag.value, 0xaa);
}
table with_tag {
  actions {
    tagged;
  }
  default_action : tagged();
}
table with_note {
  actions {
    noted;
  }
  default_action : noted();
}
control ingress {
  if (valid(tag)) {
    apply(with_tag);
  }
  if (valid(note)) {
    apply(with_note);
  }
  apply(which) {
    one, three {
      apply(mark_both);
    }
    two {
      apply(mark_one);
    }
  }
}
