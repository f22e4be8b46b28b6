/* A recirculated packet comes as it left; what the list preserves counts the rounds. */
header_type word_t {
  fields {
    key : 16;
    mark : 8;
    rest : 8;
  }
}
header word_t word;
parser start {
  extract(word);
  return select(word.key) {
    0xffff : parse_tag;
    default : ingress;
  }
}
parser parse_tag {
  extract(tag);
  return ingress;
}
header_type tag_t {
  fields {
    value : 8;
  }
}
header tag_t tag;
header_type round_t {
  fields {
    number : 8;
  }
}
metadata round_t round;
field_list kept {
  round.number;
}
action send() {
  modify_field(standard_metadata.egress_spec, 6);
}
action again() {
  add_to_field(round.number, 1);
  add_to_field(word.mark, 1);
  recirculate(kept);
}
action finish() {
  modify_field(word.rest, standard_metadata.instance_type);
  add_header(tag);
  modify_field(tag.value, round.number);
}
table first {
  actions {
    send;
  }
  default_action : send();
}
table loop {
  actions {
    again;
  }
  default_action : again();
}
table end {
  actions {
    finish;
  }
  default_action : finish();
}
control ingress {
  apply(first);
}
control egress {
  if (round.number < 5) {
    apply(loop);
  } else {
    apply(end);
  }
}
