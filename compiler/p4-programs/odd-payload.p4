/* Sums over a payload behind headers of an odd number of octets. */
header_type kind_t {
  fields {
    kind : 8;
    sum : 16;
    mix : 16;
  }
}
header_type odd_t {
  fields {
    value : 24;
  }
}
header kind_t kind;
header odd_t one;
header odd_t other;
field_list all {
  kind.kind;
  payload;
}
field_list_calculation sum {
  input {
    all;
  }
  algorithm : csum16;
  output_width : 16;
}
field_list_calculation mix {
  input {
    all;
  }
  algorithm : xor16;
  output_width : 16;
}
calculated_field kind.sum {
  update sum;
}
calculated_field kind.mix {
  update mix;
}
parser start {
  extract(kind);
  return select(kind.kind) {
    0 : ingress;
    default : read_one;
  }
}
parser read_one {
  extract(one);
  return select(kind.kind) {
    1 : ingress;
    default : read_other;
  }
}
parser read_other {
  extract(other);
  return ingress;
}
control ingress {
}
