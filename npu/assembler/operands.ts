import type { Destination, Operand, RegisterOperand, Shift, SourceOperand } from '../isa/instruction.ts';
import { LineError, type Piece } from './line-error.ts';

/** Reads operand texts. Ranges are the verifier's business; what does not look like an operand throws `LineError`. */

const OPERANDS = 'operands: gprA_1, @gprB_1, $xfer_1, *$index, n$reg_1, *n$index, *l$index0[1], 0x1f, --';

export function parseOperand(piece: Piece): Operand {
  const { text } = piece;
  if (text === '--') return { kind: 'none' };
  const number = numberOf(text);
  if (number !== undefined) return { kind: 'immediate', value: number };
  const register = registerOf(text);
  if (register === undefined) throw new LineError('asm-operand', `"${text}" is not an operand`, piece.column, OPERANDS);
  return register;
}

export function parseSource(piece: Piece): SourceOperand {
  const operand = parseOperand(piece);
  if (operand.kind === 'none')
    throw new LineError('asm-operand', 'expected a register or a number, got "--"', piece.column);
  return operand;
}

export function parseDestination(piece: Piece): Destination {
  const operand = parseOperand(piece);
  if (operand.kind === 'immediate')
    throw new LineError('asm-operand', `expected a register or --, got the number ${piece.text}`, piece.column);
  return operand;
}

export function parseRegister(piece: Piece): RegisterOperand {
  const operand = parseOperand(piece);
  if (operand.kind === 'immediate' || operand.kind === 'none') {
    throw new LineError('asm-operand', `expected a register, got "${piece.text}"`, piece.column);
  }
  return operand;
}

/** A decimal or hexadecimal number of at most 32 bits. */
export function parseNumber(piece: Piece, what: string): number {
  const number = numberOf(piece.text);
  if (number === undefined) throw new LineError('asm-operand', `expected ${what}, got "${piece.text}"`, piece.column);
  return number;
}

/** `$xfer_3`. */
export function parseTransferRegister(piece: Piece): number {
  const operand = registerOf(piece.text);
  if (operand?.kind !== 'xfer') {
    throw new LineError('asm-operand', `expected $xfer_n, got "${piece.text}"`, piece.column);
  }
  return operand.index;
}

/** `sig3`, or `--` for 0. */
export function parseSignal(piece: Piece): number {
  if (piece.text === '--') return 0;
  const match = /^sig(\d+)$/.exec(piece.text);
  if (match === null) throw new LineError('asm-operand', `expected sig1..sig15, got "${piece.text}"`, piece.column);
  return Number(match[1]);
}

/** `>>rot3`, `>>3`, `<<3`, `>>indirect`, `<<indirect`, `<<rot3` (the same as `>>rot29`), `>>dbl3`. */
export function parseShift(piece: Piece): Shift | { readonly kind: 'double'; readonly amount: number } {
  const match = /^(<<|>>)(rot|dbl)?(\d+|indirect)$/.exec(piece.text);
  const [, direction, special, amountText] = match ?? [];
  const amount = amountText === 'indirect' ? 'indirect' : Number(amountText);
  if (match !== null && special === undefined) {
    return { kind: direction === '<<' ? 'left' : 'right', amount };
  }
  if (match !== null && amount !== 'indirect') {
    if (special === 'rot') return { kind: 'rotate', amount: direction === '<<' ? (32 - amount) % 32 : amount };
    if (direction === '>>') return { kind: 'double', amount };
  }
  throw new LineError(
    'asm-operand',
    `"${piece.text}" is not a shift`,
    piece.column,
    'shifts: <<4, >>4, >>rot4, <<indirect',
  );
}

function numberOf(text: string): number | undefined {
  if (!/^(0x[0-9a-fA-F]{1,8}|\d{1,10})$/.test(text)) return undefined;
  return Number(text);
}

const REGISTER_FORMS: readonly (readonly [RegExp, (match: RegExpExecArray) => RegisterOperand])[] = [
  [/^gpr([AB])_(\d+)$/, (m) => ({ kind: 'gpr', bank: m[1] as 'A' | 'B', index: Number(m[2]) })],
  [/^@gpr([AB])_(\d+)$/, (m) => ({ kind: 'absolute_gpr', bank: m[1] as 'A' | 'B', index: Number(m[2]) })],
  [/^\$xfer_(\d+)$/, (m) => ({ kind: 'xfer', index: Number(m[1]) })],
  [/^\*\$index(\+\+|--)?$/, (m) => ({ kind: 'indexed_xfer', step: stepOf(m[1]) })],
  [/^n\$reg_(\d+)$/, (m) => ({ kind: 'neighbour', index: Number(m[1]) })],
  [/^\*n\$index(\+\+)?$/, (m) => ({ kind: 'indexed_neighbour', step: m[1] === undefined ? 0 : 1 })],
  [
    /^\*l\$index([0-3])(?:\[(\d+)\]|(\+\+|--))?$/,
    (m) => ({
      kind: 'local_memory',
      pointer: Number(m[1]) as 0 | 1 | 2 | 3,
      offset: Number(m[2] ?? 0),
      step: stepOf(m[3]),
    }),
  ],
];

function registerOf(text: string): RegisterOperand | undefined {
  for (const [form, make] of REGISTER_FORMS) {
    const match = form.exec(text);
    if (match !== null) return make(match);
  }
  return undefined;
}

function stepOf(text: string | undefined): -1 | 0 | 1 {
  return text === '++' ? 1 : text === '--' ? -1 : 0;
}

/** The key of a code table that a piece spells. */
export function nameIn<Name extends string>(codes: Readonly<Record<Name, number>>, piece: Piece, what: string): Name {
  if (!Object.hasOwn(codes, piece.text)) {
    const names = Object.keys(codes).join(', ');
    throw new LineError('asm-operand', `"${piece.text}" is not ${what}`, piece.column, `one of ${names}`);
  }
  return piece.text as Name;
}
