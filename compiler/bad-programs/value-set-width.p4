// expect: p4-value-set-width 19:5
header_type two_t {
  fields {
    a : 8;
    b : 16;
  }
}
header two_t two;
parser_value_set known;
parser start {
  extract(two);
  return select(latest.a) {
    known : second;
    default : ingress;
  }
}
parser second {
  return select(two.b) {
    known : ingress;
    default : ingress;
  }
}
control ingress {
}
