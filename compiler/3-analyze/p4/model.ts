import type { SourcePosition } from '../../../base/errors.ts';
import type {
  Action,
  ActionProfile,
  ActionSelector,
  CalculatedField,
  Control,
  Counter,
  FieldList,
  FieldListCalculation,
  Meter,
  P4Expression,
  ParserException,
  ParserState,
  PrimitiveAction,
  Register,
  Table,
  ValueSet,
} from '../../2-parse/p4/tree.ts';
import type { SharedMemory } from './shared-memory.ts';

/** A P4 program with its names resolved and its headers laid out. */
export interface P4Model {
  /**
   * Headers in order of declaration (the order of their valid bits), then metadata. The elements of a stack are headers
   * of their own: `vlan[0]`, `vlan[1]`, ...
   */
  readonly instances: ReadonlyMap<string, P4Instance>;
  /** Elements of header stacks, from index 0 on. */
  readonly stacks: ReadonlyMap<string, readonly P4Instance[]>;
  readonly states: ReadonlyMap<string, ParserState>;
  readonly valueSets: ReadonlyMap<string, ValueSet>;
  readonly exceptions: ReadonlyMap<string, ParserException>;
  readonly fieldLists: ReadonlyMap<string, FieldList>;
  readonly calculations: ReadonlyMap<string, FieldListCalculation>;
  readonly calculatedFields: readonly CalculatedField[];
  readonly primitives: ReadonlyMap<string, PrimitiveAction>;
  readonly actions: ReadonlyMap<string, Action>;
  readonly actionProfiles: ReadonlyMap<string, ActionProfile>;
  readonly actionSelectors: ReadonlyMap<string, ActionSelector>;
  /** A table with an action profile has the actions of the profile here. */
  readonly tables: ReadonlyMap<string, Table>;
  readonly controls: ReadonlyMap<string, Control>;
  readonly counters: ReadonlyMap<string, Counter>;
  readonly meters: ReadonlyMap<string, Meter>;
  readonly registers: ReadonlyMap<string, Register>;
  /** When headers share memory; undefined: one lies behind the other. */
  readonly sharedMemory: SharedMemory | undefined;
}

export interface P4Instance {
  readonly name: string;
  /** What it is called in C: `vlan[1]` is `vlan_1`. */
  readonly member: string;
  readonly typeName: string;
  readonly position: SourcePosition;
  readonly metadata: boolean;
  readonly fields: readonly P4Field[];
  /** With a field of variable width: the most that it may have. */
  readonly octets: number;
  /** Octets of the whole header as an expression over its own fields; undefined: always `octets`. */
  readonly length: P4Expression | undefined;
  /** Bit of the header in the words of valid bits; -1 for metadata. */
  readonly validBit: number;
  readonly stack: { readonly name: string; readonly index: number } | undefined;
}

export interface P4Field {
  readonly name: string;
  /** Of a field of variable width the most that it may have. */
  readonly bits: number;
  readonly position: SourcePosition;
  /** From the start of the header. */
  readonly offsetBits: number;
  readonly initial: bigint;
  readonly signed: boolean;
  readonly saturating: boolean;
  /** Declared with `*`; always the last field. Octets that the packet does not have are zero. */
  readonly variable: boolean;
  /**
   * The field as the C structure has it: one piece with its own name, or several, cut at the 32-bit words of the
   * packet, most significant first.
   */
  readonly pieces: readonly P4Piece[];
}

export interface P4Piece {
  readonly name: string;
  readonly bits: number;
  /** From the start of the header. */
  readonly offsetBits: number;
}

/** Metadata that every program has; fields as wide as the NIC's port numbers and lengths. */
export const STANDARD_METADATA: readonly (readonly [string, number])[] = [
  ['ingress_port', 16],
  ['egress_spec', 16],
  ['packet_length', 32],
  ['egress_port', 16],
  ['egress_instance', 16],
  ['instance_type', 8],
  ['parser_status', 8],
  ['parser_error_location', 8],
];

/**
 * 4.7.1: what `standard_metadata.parser_status` is after each exception (0: none); those of the program follow in order
 * of declaration.
 */
export const STANDARD_EXCEPTIONS: readonly string[] = [
  'p4_pe_default',
  'p4_pe_index_out_of_bounds',
  'p4_pe_out_of_packet',
  'p4_pe_header_too_long',
  'p4_pe_header_too_short',
  'p4_pe_unhandled_select',
  'p4_pe_checksum',
];
