import { SHIFT_OPERATOR_CODE } from '../isa/codes.ts';
import type { Instruction, Shift } from '../isa/instruction.ts';
import { LineError, type Piece } from './line-error.ts';
import { nameIn, parseShift } from './operands.ts';
import type { StatementReader } from './statement-reader.ts';

/** Instructions that shift what they compute with. */

/** `alu_shf[gprA_1, gprA_2, AND, gprB_3, >>8]`. */
export function parseAluShift(reader: StatementReader): Instruction {
  const pieces = reader.take('destination, a, operator, b, shift');
  const [destination, a, operator, b, shiftPiece] = pieces as [Piece, Piece, Piece, Piece, Piece];
  const shift = readShift(reader, shiftPiece);
  if (shift.kind === 'double') {
    throw new LineError('asm-operand', 'alu_shf has no double shift', shiftPiece.column, 'dbl_shf[d, a, b, >>n] has');
  }
  return {
    kind: 'alu_shf',
    operator: nameIn(SHIFT_OPERATOR_CODE, operator, 'an operator of alu_shf'),
    destination: reader.destination(destination),
    a: reader.operand(a),
    b: reader.source(b),
    shift,
    ...reader.modifiers.result(),
  };
}

/** `dbl_shf[gprA_1, gprA_2, gprB_3, >>8]`. */
export function parseDoubleShift(reader: StatementReader): Instruction {
  const [destination, a, b, shift] = reader.take('destination, a, b, >>n') as [Piece, Piece, Piece, Piece];
  return {
    kind: 'dbl_shf',
    destination: reader.destination(destination),
    a: reader.source(a),
    b: reader.source(b),
    amount: readRightShift(reader, shift),
    ...reader.modifiers.result(),
  };
}

/** `asr[gprA_1, gprB_2, >>8]`. */
export function parseArithmeticShift(reader: StatementReader): Instruction {
  const [destination, source, shift] = reader.take('destination, source, >>n') as [Piece, Piece, Piece];
  return {
    kind: 'asr',
    destination: reader.destination(destination),
    source: reader.source(source),
    amount: readRightShift(reader, shift),
    ...reader.modifiers.result(),
  };
}

/** `byte_align_be[gprA_1, gprB_2]`. */
export function parseByteAlign(reader: StatementReader): Instruction {
  const [destination, source] = reader.take('destination, source') as [Piece, Piece];
  return {
    kind: 'byte_align',
    littleEndian: reader.name === 'byte_align_le',
    destination: reader.destination(destination),
    source: reader.source(source),
    ...reader.modifiers.result(),
  };
}

/** `ld_field[gprA_1, 0110, gprB_2, >>rot8], load_cc`. */
export function parseLoadField(reader: StatementReader): Instruction {
  const pieces = reader.take('destination, mask, source', 'destination, mask, source, shift');
  const [destination, mask, source, shift] = pieces as [Piece, Piece, Piece, Piece?];
  if (!/^[01]{4}$/.test(mask.text)) {
    const hint = 'one digit an octet, most significant first';
    throw new LineError('asm-operand', `expected an octet mask such as 0110, got "${mask.text}"`, mask.column, hint);
  }
  const loadConditionCodes = reader.modifiers.flag('load_cc');
  const { writeBoth, predicate } = reader.modifiers.resultWithoutConditionCodes();
  return {
    kind: 'ld_field',
    clear: reader.name === 'ld_field_w_clr',
    destination: reader.register(destination),
    mask: Number.parseInt(mask.text, 2),
    source: reader.source(source),
    shift: shift === undefined ? { kind: 'rotate', amount: 0 } : readShift(reader, shift),
    loadConditionCodes,
    writeBoth,
    predicate,
  };
}

function readShift(
  reader: StatementReader,
  piece: Piece,
): Shift | { readonly kind: 'double'; readonly amount: number } {
  reader.mark('shift', piece);
  return parseShift(piece);
}

function readRightShift(reader: StatementReader, piece: Piece): number | 'indirect' {
  const shift = readShift(reader, piece);
  if (shift.kind !== 'right') throw new LineError('asm-operand', `expected >>n, got "${piece.text}"`, piece.column);
  return shift.amount;
}
