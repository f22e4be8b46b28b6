/* Numbers by chance lie within their bounds, and are the same in every run. */
#include "word.p4inc"
action draw() {
  modify_field_rng_uniform(word.mark, 3, 5);
  modify_field_rng_uniform(word.rest, 7, 7);
}
table chance {
  actions {
    draw;
  }
  default_action : draw();
}
control ingress {
  apply(chance);
  if (word.mark < 3 or word.mark > 5) {
    apply(wrong);
  }
}
table wrong {
  actions {
    lose;
  }
  default_action : lose();
}
