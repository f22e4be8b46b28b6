/* add, subtract, and both in place; results are cut to the field. */
header_type sum_t {
  fields {
    a : 16;
    b : 16;
    c : 8;
    d : 48;
    e : 8;
  }
}
header sum_t sum;
parser start {
  extract(sum);
  return ingress;
}
action compute() {
  add(sum.c, sum.a, sum.b);
  add_to_field(sum.d, sum.b);
  subtract(sum.e, sum.a, sum.b);
  subtract_from_field(sum.a, 1);
  modify_field(sum.b, (sum.b + 3) * 2 - 1);
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
