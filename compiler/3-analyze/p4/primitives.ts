/** What an argument of a primitive action has to be (language specification 9.1, "Action parameter types"). */
export type ArgumentKind =
  | 'field'
  | 'value'
  | 'header'
  | 'stack'
  | 'counter'
  | 'meter'
  | 'register'
  | 'field-list'
  | 'calculation';

export interface Primitive {
  readonly arguments: readonly ArgumentKind[];
  /** How many of them, from the end, may be left out. */
  readonly optional: number;
}

/** The primitive actions of the specification, and aliases that its implementations have in common. */
export const PRIMITIVES: ReadonlyMap<string, Primitive> = new Map([
  primitive('add_header', ['header']),
  primitive('copy_header', ['header', 'header']),
  primitive('remove_header', ['header']),
  primitive('modify_field', ['field', 'value', 'value'], 1),
  primitive('modify_field_with_shift', ['field', 'value', 'value', 'value']),
  primitive('add_to_field', ['field', 'value']),
  primitive('add', ['field', 'value', 'value']),
  primitive('subtract_from_field', ['field', 'value']),
  primitive('subtract', ['field', 'value', 'value']),
  primitive('modify_field_with_hash_based_offset', ['field', 'value', 'calculation', 'value']),
  primitive('modify_field_rng_uniform', ['field', 'value', 'value']),
  primitive('bit_and', ['field', 'value', 'value']),
  primitive('bit_or', ['field', 'value', 'value']),
  primitive('bit_xor', ['field', 'value', 'value']),
  primitive('shift_left', ['field', 'value', 'value']),
  primitive('shift_right', ['field', 'value', 'value']),
  primitive('truncate', ['value']),
  primitive('drop', []),
  primitive('no_op', []),
  primitive('push', ['stack', 'value'], 1),
  primitive('pop', ['stack', 'value'], 1),
  primitive('count', ['counter', 'value']),
  primitive('execute_meter', ['meter', 'value', 'field']),
  primitive('register_read', ['field', 'register', 'value']),
  primitive('register_write', ['register', 'value', 'value']),
  primitive('generate_digest', ['value', 'field-list']),
  primitive('resubmit', ['field-list'], 1),
  primitive('recirculate', ['field-list'], 1),
  ...['clone_ingress_pkt_to_ingress', 'clone_i2i'].map((name) => primitive(name, ['value', 'field-list'], 1)),
  ...['clone_egress_pkt_to_ingress', 'clone_e2i'].map((name) => primitive(name, ['value', 'field-list'], 1)),
  ...['clone_ingress_pkt_to_egress', 'clone_i2e'].map((name) => primitive(name, ['value', 'field-list'], 1)),
  ...['clone_egress_pkt_to_egress', 'clone_e2e'].map((name) => primitive(name, ['value', 'field-list'], 1)),
]);

function primitive(name: string, kinds: readonly ArgumentKind[], optional = 0): readonly [string, Primitive] {
  return [name, { arguments: kinds, optional }];
}
