/* Cases by hit and miss, and by the action that ran: a default action counts as well. */
#include "word.p4inc"
action one() {
  add_to_field(word.mark, 1);
}
action two() {
  add_to_field(word.mark, 2);
}
action high() {
  bit_or(word.rest, word.rest, 0x80);
}
action low() {
  bit_or(word.rest, word.rest, 0x01);
}
table first {
  reads {
    word.key : exact;
  }
  actions {
    one;
    two;
  }
  default_action : two();
}
table hits {
  actions {
    high;
  }
  default_action : high();
}
table misses {
  actions {
    low;
  }
  default_action : low();
}
table again {
  actions {
    two;
  }
  default_action : two();
}
control ingress {
  apply(first) {
    hit {
      apply(hits);
    }
    miss {
      apply(misses);
    }
  }
  apply(second) {
    two {
      apply(again);
    }
    default {
      apply(last);
    }
  }
}
table second {
  reads {
    word.key : ternary;
  }
  actions {
    one;
    two;
  }
  default_action : two();
}
table last {
  actions {
    low;
  }
  default_action : low();
}
