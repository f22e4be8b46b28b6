/* Two stacks of 64 elements: what local memory has no room for lies in the context's part of EMEM. */
header_type counts_t {
  fields {
    first : 8;
    second : 8;
  }
}
header_type word_t {
  fields {
    value : 32;
  }
}
header counts_t counts;
header word_t one[64];
header word_t two[64];
metadata counts_t left;
parser start {
  extract(counts);
  set_metadata(left.first, counts.first);
  set_metadata(left.second, counts.second);
  return begin;
}
parser begin {
  return select(left.first) {
    0 : middle;
    default : more_of_one;
  }
}
parser more_of_one {
  extract(one[next]);
  set_metadata(left.first, left.first - 1);
  return begin;
}
parser middle {
  return select(left.second) {
    0 : ingress;
    default : more_of_two;
  }
}
parser more_of_two {
  extract(two[next]);
  set_metadata(left.second, left.second - 1);
  return middle;
}
action sum() {
  modify_field(one[0].value, one[0].value + two[1].value);
  modify_field(standard_metadata.egress_spec, 1);
}
table go {
  actions {
    sum;
  }
  default_action : sum;
}
control ingress {
  apply(go);
}
