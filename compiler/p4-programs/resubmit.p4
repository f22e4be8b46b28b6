/* A resubmitted packet comes as it did at first; the parser sees what the list preserves. */
header_type word_t {
  fields {
    key : 16;
    mark : 8;
    rest : 8;
  }
}
header_type more_t {
  fields {
    value : 8;
  }
}
header_type round_t {
  fields {
    number : 8;
    other : 8;
  }
}
header word_t word;
header more_t more;
metadata round_t round { other : 3; };
field_list kept {
  round.number;
}
parser start {
  extract(word);
  return select(round.number) {
    0 : ingress;
    default : parse_more;
  }
}
parser parse_more {
  extract(more);
  return ingress;
}
action again() {
  modify_field(word.mark, 0xee);
  add_to_field(round.number, 2);
  modify_field(round.other, 9);
  resubmit(kept);
}
action finish() {
  modify_field(standard_metadata.egress_spec, 4);
  modify_field(word.rest, standard_metadata.instance_type);
  add_to_field(word.key, round.other);
  add_to_field(more.value, round.number);
}
table first {
  actions {
    again;
  }
  default_action : again();
}
table second {
  actions {
    finish;
  }
  default_action : finish();
}
control ingress {
  if (round.number == 0) {
    apply(first);
  } else {
    apply(second);
  }
}
