/* A header whose length its own field says. */
header_type options_t {
  fields {
    words : 8;
    mark : 8;
    rest : *;
  }
  length : words * 4;
  max_length : 16;
}
header options_t options;
parser start {
  extract(options);
  return ingress;
}
action mark() {
  add_to_field(options.mark, 1);
}
table marked {
  actions { mark; }
  default_action : mark();
}
control ingress {
  apply(marked);
}
