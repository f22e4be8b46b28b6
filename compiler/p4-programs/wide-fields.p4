/* Fields of more than 64 bits: sums, differences, shifts, products, inverses, comparisons and saturation. */
header_type t {
  fields {
    op : 8;
    n : 8;
    a : 128;
    b : 128;
    c : 80;
    s : 96 (saturating);
    x : 16;
  }
}
header t h;
parser start { extract(h); return ingress; }
action plus() { add_to_field(h.a, h.b); add_to_field(h.c, 1); add(h.s, h.s, h.b); }
action minus() { subtract(h.a, h.a, h.b); subtract_from_field(h.c, h.x); subtract_from_field(h.s, h.x); }
action left() { shift_left(h.a, h.a, h.n); shift_left(h.c, h.c, 5); }
action right() { shift_right(h.a, h.a, h.n); shift_right(h.c, h.c, 33); }
action times() { modify_field(h.a, h.a * h.b); modify_field(h.c, h.c * 1000003); }
action mixed() { modify_field(h.a, (h.a + h.b) - (h.b << 3)); modify_field(h.c, -h.c); modify_field(h.x, 0 - 1); }
action inv() { modify_field(h.a, ~h.a); modify_field(h.c, ~h.c); shift_left(h.b, h.x, 100); }
action out() { modify_field(standard_metadata.egress_spec, 1); }
action flag() { modify_field(h.x, 0xbeef); }
table compute { reads { h.op : exact; } actions { plus; minus; left; right; times; mixed; inv; } }
table go { actions { out; } default_action : out; }
table mark { actions { flag; } default_action : flag; }
control ingress { apply(compute); if (h.a + h.b > h.a - h.b) { apply(mark); } apply(go); }
