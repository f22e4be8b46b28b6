/* Registers of 8, 32 and 48 bits: read, changed, written back. */
header_type ask_t {
  fields {
    index : 8;
    add : 8;
    narrow : 8;
    word : 32;
    wide : 48;
  }
}
header ask_t ask;
parser start {
  extract(ask);
  return ingress;
}
register narrow {
  width : 8;
  instance_count : 2;
}
register word {
  width : 32;
  instance_count : 3;
}
register wide {
  width : 48;
  instance_count : 3;
}
header_type value_t {
  fields {
    narrow : 8;
    word : 32;
    wide : 48;
  }
}
metadata value_t value;
action change() {
  register_read(value.narrow, narrow, ask.index);
  register_read(value.word, word, ask.index);
  register_read(value.wide, wide, ask.index);
  modify_field(ask.narrow, value.narrow);
  modify_field(ask.word, value.word);
  modify_field(ask.wide, value.wide);
  add_to_field(value.word, ask.add);
  add_to_field(value.wide, 0x100000001);
  register_write(narrow, ask.index, ask.add + 0x1f0);
  register_write(word, ask.index, value.word);
  register_write(wide, ask.index, value.wide);
}
table keep {
  actions {
    change;
  }
  default_action : change();
}
control ingress {
  apply(keep);
}
