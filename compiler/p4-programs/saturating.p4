/* Fields that stop at their largest and smallest values. */
header_type limits_t {
  fields {
    up : 8 (saturating);
    down : 8 (saturating);
    most : 8 (signed, saturating);
    least : 8 (signed, saturating);
  }
}
header limits_t limits;
parser start {
  extract(limits);
  return ingress;
}
action compute() {
  add_to_field(limits.up, 16);
  subtract_from_field(limits.down, 16);
  add_to_field(limits.most, 16);
  subtract_from_field(limits.least, 16);
}
table work {
  actions {
    compute;
  }
  default_action : compute();
}
control ingress {
  apply(work);
}
