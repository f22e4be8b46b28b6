/* Saturating fields of 64 bits, without and with a sign; a saturating register. */
header_type numbers_t {
  fields {
    kind : 8;
    plain : 64 (saturating);
    number : 64 (signed, saturating);
    amount : 64;
    small : 16 (signed);
  }
}
header numbers_t numbers;
register cell {
  width : 12;
  instance_count : 2;
  attributes : saturating;
}
register signed_cell {
  width : 8;
  instance_count : 1;
  attributes : signed, saturating;
}
parser start {
  extract(numbers);
  return ingress;
}
action more() {
  add_to_field(numbers.plain, numbers.amount);
  add_to_field(numbers.number, numbers.amount);
}
action less() {
  subtract_from_field(numbers.plain, numbers.amount);
  subtract_from_field(numbers.number, numbers.amount);
}
action with_sign() {
  add_to_field(numbers.plain, numbers.small);
  subtract(numbers.number, numbers.number, numbers.small);
}
action by_one() {
  add_to_field(numbers.plain, -1);
  subtract_from_field(numbers.number, -1);
}
action keep() {
  register_write(cell, 1, numbers.amount);
  register_write(signed_cell, 0, numbers.small);
}
table computes {
  reads {
    numbers.kind : exact;
  }
  actions {
    more;
    less;
    with_sign;
    by_one;
    keep;
  }
}
control ingress {
  apply(computes);
}
