/* Tables with rules, hit and miss, masks, default actions, parameters. */
header_type key_t {
  fields {
    a : 8;
    b : 8;
    c : 16;
  }
}
header key_t key;

parser start {
  extract(key);
  return ingress;
}

action set_c(value) {
  modify_field(key.c, value);
}

action add_c(value) {
  add_to_field(key.c, value);
}

action mark() {
  bit_or(key.b, key.b, 0x80);
}

table exact_match {
  reads {
    key.a : exact;
  }
  actions {
    set_c;
    add_c;
  }
}

table ternary_match {
  reads {
    key.a : ternary;
    key : valid;
  }
  actions {
    mark;
  }
}

table always {
  actions {
    mark;
  }
  default_action : mark();
}

control ingress {
  apply(exact_match) {
    hit {
      apply(ternary_match) {
        miss {
          apply(always);
        }
      }
    }
    set_c {
      modify();
    }
  }
  modify();
}

control modify {
  if (key.c > 0x7fff and not (key.b == 3)) {
    apply(always);
  }
}
