import type { SourcePosition } from '../../../base/errors.ts';
import type {
  Action,
  CalculatedField,
  Control,
  FieldList,
  FieldListCalculation,
  ParserState,
  PrimitiveAction,
  Table,
} from '../../2-parse/p4/tree.ts';

/** A P4 program with its names resolved and its headers laid out. */
export interface P4Model {
  /** Headers in order of declaration (the order of their valid bits), then metadata. */
  readonly instances: ReadonlyMap<string, P4Instance>;
  readonly states: ReadonlyMap<string, ParserState>;
  readonly fieldLists: ReadonlyMap<string, FieldList>;
  readonly calculations: ReadonlyMap<string, FieldListCalculation>;
  readonly calculatedFields: readonly CalculatedField[];
  readonly primitives: ReadonlyMap<string, PrimitiveAction>;
  readonly actions: ReadonlyMap<string, Action>;
  readonly tables: ReadonlyMap<string, Table>;
  readonly controls: ReadonlyMap<string, Control>;
}

export interface P4Instance {
  readonly name: string;
  readonly typeName: string;
  readonly position: SourcePosition;
  readonly metadata: boolean;
  readonly fields: readonly P4Field[];
  readonly octets: number;
  /** Bit of the header in the word of valid bits; -1 for metadata. */
  readonly validBit: number;
}

export interface P4Field {
  readonly name: string;
  readonly bits: number;
  readonly position: SourcePosition;
  /** From the start of the header. */
  readonly offsetBits: number;
  readonly initial: bigint;
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
];

export const PRIMITIVES: ReadonlyMap<string, readonly ('field' | 'value' | 'header')[]> = new Map<
  string,
  readonly ('field' | 'value' | 'header')[]
>([
  ['modify_field', ['field', 'value']],
  ['add_to_field', ['field', 'value']],
  ['subtract_from_field', ['field', 'value']],
  ['add', ['field', 'value', 'value']],
  ['subtract', ['field', 'value', 'value']],
  ['bit_and', ['field', 'value', 'value']],
  ['bit_or', ['field', 'value', 'value']],
  ['bit_xor', ['field', 'value', 'value']],
  ['shift_left', ['field', 'value', 'value']],
  ['shift_right', ['field', 'value', 'value']],
  ['add_header', ['header']],
  ['remove_header', ['header']],
  ['copy_header', ['header', 'header']],
  ['drop', []],
  ['no_op', []],
]);
