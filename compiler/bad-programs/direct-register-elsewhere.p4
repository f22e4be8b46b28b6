// expect: p4-static-object 11:3
header_type t { fields { a : 32; } }
header t h;
register r { width : 32; direct : own; }
parser start {
  extract(h);
  return ingress;
}
action keep(p) { register_write(r, 0, p); }
action take() {
  register_read(h.a, r, 0);
}
table own { reads { h.a : exact; } actions { keep; } }
table other { actions { take; } default_action : take; }
control ingress { apply(own); apply(other); }
