/* if, else, comparisons without and with sign, and, or, not, controls that call controls. */
header_type pair_t {
  fields {
    a : 8;
    b : 8;
    c : 8 (signed);
    out : 8;
  }
}
header pair_t pair;
parser start {
  extract(pair);
  return ingress;
}
action mark(value) {
  bit_or(pair.out, pair.out, value);
}
table less {
  actions { mark; }
  default_action : mark(1);
}
table equal {
  actions { mark; }
  default_action : mark(2);
}
table other {
  actions { mark; }
  default_action : mark(4);
}
table negative {
  actions { mark; }
  default_action : mark(8);
}
table strange {
  actions { mark; }
  default_action : mark(16);
}
control compare {
  if (pair.a < pair.b) {
    apply(less);
  } else if (pair.a == pair.b and not (pair.a != 7)) {
    apply(equal);
  } else {
    apply(other);
  }
}
control ingress {
  compare();
  if (pair.c < 0) {
    apply(negative);
  }
  if ((pair.a & 0xf0) == 0xf0 or (pair.b >= 200 and valid(pair))) {
    apply(strange);
  }
}
