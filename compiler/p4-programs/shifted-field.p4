/* modify_field_with_shift: the bits of the mask come from the value, moved down. */
header_type numbers_t {
  fields {
    kind : 8;
    to : 16;
    from : 32;
  }
}
header numbers_t numbers;
parser start {
  extract(numbers);
  return ingress;
}
action high_octet() {
  modify_field_with_shift(numbers.to, numbers.from, 24, 0xff);
}
action middle() {
  modify_field_with_shift(numbers.to, numbers.from, 4, 0x0ff0);
}
action variable(amount, mask) {
  modify_field_with_shift(numbers.to, numbers.from, amount, mask);
}
table moves {
  reads {
    numbers.kind : exact;
  }
  actions {
    high_octet;
    middle;
    variable;
  }
}
control ingress {
  apply(moves);
}
