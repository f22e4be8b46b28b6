/* Signed fields keep their sign when they are widened, shifted and compared. */
header_type signed_t {
  fields {
    a : 8 (signed);
    b : 16 (signed);
    c : 8;
  }
}
header signed_t value;
parser start {
  extract(value);
  return ingress;
}
action widen() {
  modify_field(value.b, value.a);
}
action mark() {
  modify_field(value.c, 1);
}
table work {
  actions { widen; }
  default_action : widen();
}
table small {
  actions { mark; }
  default_action : mark();
}
control ingress {
  apply(work);
  if (value.b < value.c) {
    apply(small);
  }
}
