// expect: p4-too-wide 5:5
header_type wide_t {
  fields {
    plain : 128;
    value : 128 (signed);
  }
}
header wide_t wide;
parser start {
  extract(wide);
  return ingress;
}
control ingress {
}
