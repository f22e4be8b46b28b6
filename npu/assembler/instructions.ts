import {
  ALU_CODE,
  BRANCH_CODE,
  BRANCH_CONTEXT_CODE,
  BRANCH_STATE_CODE,
  CRC_BYTES_CODE,
  CRC_CODE,
  INPUT_STATES,
  SHIFT_OPERATOR_CODE,
  UNARY_CODE,
} from '../isa/codes.ts';
import { COMMAND_TARGETS } from '../isa/commands.ts';
import { csrAddress } from '../isa/csr.ts';
import type { CommandTarget, CrcBytes, Instruction, MulStepInstruction, MultiplySize } from '../isa/instruction.ts';
import { parseCommand } from './command.ts';
import { Modifiers } from './modifiers.ts';
import {
  parseDestination,
  parseNumber,
  parseOperand,
  parseRegister,
  parseShift,
  parseSignal,
  parseSource,
} from './operands.ts';
import { LineError, type Piece, type Statement } from './scan.ts';

/** Gives the instruction index that `.577` or a label names. */
export type ResolveTarget = (piece: Piece) => number;

/** The instruction that a statement writes. Throws `LineError`; ranges are left to the verifier. */
export function parseInstruction(statement: Statement, resolve: ResolveTarget): Instruction {
  const { mnemonic } = statement;
  const parser = PARSERS.get(mnemonic.text);
  if (parser === undefined) {
    throw new LineError('asm-mnemonic', `unknown instruction "${mnemonic.text}"`, mnemonic.column);
  }
  const modifiers = new Modifiers(statement.modifiers);
  const operands = new Operands(statement);
  const instruction = parser({ name: mnemonic.text, operands, modifiers, resolve });
  modifiers.finish();
  return instruction;
}

interface Parsed {
  readonly name: string;
  readonly operands: Operands;
  readonly modifiers: Modifiers;
  readonly resolve: ResolveTarget;
}

/** The pieces between the brackets, asked for by number. */
class Operands {
  private readonly statement: Statement;

  constructor(statement: Statement) {
    this.statement = statement;
  }

  /** All of them; their number has to be one of those given. */
  take(...counts: readonly number[]): readonly Piece[] {
    const pieces = this.statement.operands ?? [];
    if (!counts.includes(pieces.length)) {
      const { text, column } = this.statement.mnemonic;
      throw new LineError(
        'asm-operand-count',
        `${text} takes ${counts.join(' or ')} operands, got ${pieces.length}`,
        column,
      );
    }
    return pieces;
  }

  any(): readonly Piece[] {
    return this.statement.operands ?? [];
  }
}

type Parser = (parsed: Parsed) => Instruction;

const PARSERS = new Map<string, Parser>([
  ['alu', parseAlu],
  ['alu_shf', parseAluShift],
  [
    'dbl_shf',
    ({ operands, modifiers }) => {
      const [destination, a, b, shift] = operands.take(4) as [Piece, Piece, Piece, Piece];
      return {
        kind: 'dbl_shf',
        destination: parseDestination(destination),
        a: parseSource(a),
        b: parseSource(b),
        amount: parseRightShift(shift),
        ...modifiers.result(),
      };
    },
  ],
  [
    'asr',
    ({ operands, modifiers }) => {
      const [destination, source, shift] = operands.take(3) as [Piece, Piece, Piece];
      return {
        kind: 'asr',
        destination: parseDestination(destination),
        source: parseSource(source),
        amount: parseRightShift(shift),
        ...modifiers.result(),
      };
    },
  ],
  ['byte_align_be', parseByteAlign],
  ['byte_align_le', parseByteAlign],
  ['immed', parseImmed],
  ['immed_w0', parseImmed],
  ['immed_w1', parseImmed],
  ['immed_b0', parseImmed],
  ['immed_b1', parseImmed],
  ['immed_b2', parseImmed],
  ['immed_b3', parseImmed],
  ['load_addr', parseLoadAddress],
  ['ld_field', parseLoadField],
  ['ld_field_w_clr', parseLoadField],
  ['mul_step', parseMultiply],
  ['crc_be', parseCrc],
  ['crc_le', parseCrc],
  ['cam_clear', parseCamClear],
  ['cam_lookup', parseCamLookup],
  ['cam_write', parseCamWrite],
  ['cam_write_state', parseCamWrite],
  ['br_bset', parseBranchBit],
  ['br_bclr', parseBranchBit],
  ['br=byte', parseBranchByte],
  ['br!=byte', parseBranchByte],
  ['jump', parseJump],
  ['rtn', parseJump],
  ['ctx_arb', parseContextArbitration],
  ['local_csr_rd', ({ operands }) => ({ kind: 'local_csr_rd', csr: parseCsr((operands.take(1) as [Piece])[0]) })],
  [
    'local_csr_wr',
    ({ operands }) => {
      const [csr, source] = operands.take(2) as [Piece, Piece];
      return { kind: 'local_csr_wr', csr: parseCsr(csr), source: parseSource(source) };
    },
  ],
  ['nop', parseNop],
]);
for (const name of Object.keys(UNARY_CODE)) PARSERS.set(name, parseUnary);
for (const name of Object.keys(BRANCH_CODE)) PARSERS.set(name, parseBranch);
// Names for unsigned comparison, which objdump does not use.
PARSERS.set('bhs', parseBranch);
PARSERS.set('blo', parseBranch);
for (const name of Object.keys(BRANCH_CONTEXT_CODE)) PARSERS.set(name, parseBranchContext);
for (const name of Object.keys(BRANCH_STATE_CODE)) PARSERS.set(name, parseBranchState);
for (const target of COMMAND_TARGETS) {
  PARSERS.set(target, ({ operands, modifiers }) => parseCommand(target as CommandTarget, operands.any(), modifiers));
}

/** The key of a code table that a piece spells. */
function nameIn<Name extends string>(codes: Readonly<Record<Name, number>>, piece: Piece, what: string): Name {
  if (!Object.hasOwn(codes, piece.text)) {
    throw new LineError('asm-operand', `"${piece.text}" is not ${what}`, piece.column);
  }
  return piece.text as Name;
}

function parseAlu({ operands, modifiers }: Parsed): Instruction {
  const [destination, a, operator, b] = operands.take(4) as [Piece, Piece, Piece, Piece];
  return {
    kind: 'alu',
    operator: nameIn(ALU_CODE, operator, 'an operator of alu'),
    destination: parseDestination(destination),
    a: parseOperand(a),
    b: parseSource(b),
    ...modifiers.result(),
  };
}

function parseUnary({ name, operands, modifiers }: Parsed): Instruction {
  const operator = name as keyof typeof UNARY_CODE;
  const withoutDestination = operator === 'pop_count1' || operator === 'pop_count2';
  const pieces = operands.take(withoutDestination ? 1 : 2);
  return {
    kind: 'unary',
    operator,
    destination: withoutDestination ? { kind: 'none' } : parseDestination(pieces[0]!),
    source: parseSource(pieces[pieces.length - 1]!),
    ...modifiers.result(),
  };
}

function parseAluShift({ operands, modifiers }: Parsed): Instruction {
  const [destination, a, operator, b, shiftPiece] = operands.take(5) as [Piece, Piece, Piece, Piece, Piece];
  const shift = parseShift(shiftPiece);
  if (shift.kind === 'double') throw new LineError('asm-operand', 'alu_shf has no double shift', shiftPiece.column);
  return {
    kind: 'alu_shf',
    operator: nameIn(SHIFT_OPERATOR_CODE, operator, 'an operator of alu_shf'),
    destination: parseDestination(destination),
    a: parseOperand(a),
    b: parseSource(b),
    shift,
    ...modifiers.result(),
  };
}

function parseRightShift(piece: Piece): number | 'indirect' {
  const shift = parseShift(piece);
  if (shift.kind !== 'right') throw new LineError('asm-operand', `expected >>n, got "${piece.text}"`, piece.column);
  return shift.amount;
}

function parseByteAlign({ name, operands, modifiers }: Parsed): Instruction {
  const [destination, source] = operands.take(2) as [Piece, Piece];
  return {
    kind: 'byte_align',
    littleEndian: name === 'byte_align_le',
    destination: parseDestination(destination),
    source: parseSource(source),
    ...modifiers.result(),
  };
}

function parseImmed({ name, operands, modifiers }: Parsed): Instruction {
  const [destination, value, shiftPiece] = operands.take(...(name === 'immed' ? [2, 3] : [2])) as [
    Piece,
    Piece,
    Piece?,
  ];
  const part = /^immed_([wb])([0-3])$/.exec(name);
  let shift = 0;
  if (part !== null) shift = Number(part[2]) * (part[1] === 'w' ? 16 : 8);
  if (shiftPiece !== undefined) {
    const match = /^<<(0|8|16)$/.exec(shiftPiece.text);
    if (match === null) throw new LineError('asm-operand', 'immed is shifted by <<0, <<8 or <<16', shiftPiece.column);
    shift = Number(match[1]);
  }
  const { writeBoth, predicate } = modifiers.resultWithoutConditionCodes();
  return {
    kind: 'immed',
    width: part === null ? 'full' : part[1] === 'w' ? 'word' : 'byte',
    destination: parseDestination(destination),
    value: parseNumber(value, 'a number'),
    shift: shift as 0 | 8 | 16 | 24,
    writeBoth,
    predicate,
  };
}

/** `load_addr[reg, label]` is the `immed` of an instruction index. */
function parseLoadAddress({ operands, modifiers, resolve }: Parsed): Instruction {
  const [destination, target] = operands.take(2) as [Piece, Piece];
  const { writeBoth, predicate } = modifiers.resultWithoutConditionCodes();
  const value = resolve(target);
  return {
    kind: 'immed',
    width: 'full',
    destination: parseDestination(destination),
    value,
    shift: 0,
    writeBoth,
    predicate,
  };
}

function parseLoadField({ name, operands, modifiers }: Parsed): Instruction {
  const [destination, mask, source, shift] = operands.take(3, 4) as [Piece, Piece, Piece, Piece?];
  if (!/^[01]{4}$/.test(mask.text)) {
    throw new LineError('asm-operand', `expected an octet mask such as 0110, got "${mask.text}"`, mask.column);
  }
  const loadConditionCodes = modifiers.flag('load_cc');
  const { writeBoth, predicate } = modifiers.resultWithoutConditionCodes();
  return {
    kind: 'ld_field',
    clear: name === 'ld_field_w_clr',
    destination: parseRegister(destination),
    mask: Number.parseInt(mask.text, 2),
    source: parseSource(source),
    shift: shift === undefined ? { kind: 'rotate', amount: 0 } : parseShift(shift),
    loadConditionCodes,
    writeBoth,
    predicate,
  };
}

function parseMultiply({ operands, modifiers }: Parsed): Instruction {
  const [first, second] = operands.take(2) as [Piece, Piece];
  const [step, column] = modifiers.multiplyStep();
  const flags = modifiers.result();
  if (step === 'start') {
    return { kind: 'mul_step', phase: 'start', a: parseSource(first), b: parseSource(second), ...flags };
  }
  const match = /^(24x8|16x16|32x32)_(step[1-4]|last2?)$/.exec(step);
  if (match === null) throw new LineError('asm-modifier', `"${step}" is not a step of mul_step`, column);
  const size = match[1] as MultiplySize;
  const phase = match[2] as Exclude<MulStepInstruction['phase'], 'start'>;
  if (phase === 'last' || phase === 'last2') {
    if (second.text !== '--') {
      throw new LineError('asm-operand', `${step} takes a destination and --`, second.column);
    }
    return { kind: 'mul_step', phase, size, destination: parseRegister(first), ...flags };
  }
  return { kind: 'mul_step', phase, size, a: parseSource(first), b: parseSource(second), ...flags };
}

function parseCrc({ name, operands, modifiers }: Parsed): Instruction {
  const [operator, destination, source] = operands.take(3) as [Piece, Piece, Piece];
  const names = Object.keys(CRC_BYTES_CODE) as CrcBytes[];
  const bytes = names.find((candidate) => modifiers.flag(candidate)) ?? 'bytes_0_3';
  const bitSwap = modifiers.flag('bit_swap');
  return {
    kind: 'crc',
    littleEndian: name === 'crc_le',
    operator: nameIn(CRC_CODE, operator, 'a CRC'),
    destination: parseDestination(destination),
    source: parseSource(source),
    bytes,
    bitSwap,
    ...modifiers.result(),
  };
}

function parseNop({ operands }: Parsed): Instruction {
  operands.take(0);
  return { kind: 'nop' };
}

function parseCamClear({ operands, modifiers }: Parsed): Instruction {
  operands.take(0);
  return { kind: 'cam_clear', ...modifiers.result() };
}

function parseCamLookup({ operands, modifiers }: Parsed): Instruction {
  const [destination, source] = operands.take(2) as [Piece, Piece];
  return {
    kind: 'cam_lookup',
    destination: parseDestination(destination),
    source: parseSource(source),
    localMemory: modifiers.localMemoryAddress(),
    ...modifiers.result(),
  };
}

function parseCamWrite({ name, operands, modifiers }: Parsed): Instruction {
  const pieces = operands.take(name === 'cam_write' ? 3 : 2);
  return {
    kind: 'cam_write',
    entry: parseSource(pieces[0]!),
    tag: name === 'cam_write' ? parseSource(pieces[1]!) : { kind: 'none' },
    state: parseNumber(pieces[pieces.length - 1]!, 'a state'),
    ...modifiers.result(),
  };
}

function parseBranch({ name, operands, modifiers, resolve }: Parsed): Instruction {
  const [target] = operands.take(1) as [Piece];
  const condition = (name === 'bhs' ? 'bcs' : name === 'blo' ? 'bcc' : name) as keyof typeof BRANCH_CODE;
  return { kind: 'branch', condition, target: resolve(target), defer: modifiers.defer() };
}

function parseBranchContext({ name, operands, modifiers, resolve }: Parsed): Instruction {
  const [operand, target] = operands.take(2) as [Piece, Piece];
  const test = name as keyof typeof BRANCH_CONTEXT_CODE;
  const number = parseNumber(operand, test.endsWith('ctx') ? 'a context' : 'a signal');
  return { kind: 'br_context', test, operand: number, target: resolve(target), defer: modifiers.defer() };
}

function parseBranchState({ name, operands, modifiers, resolve }: Parsed): Instruction {
  const [stateName, target] = operands.take(2) as [Piece, Piece];
  const test = name as keyof typeof BRANCH_STATE_CODE;
  const ring = /^cls_ring(\d{1,2})_status$/.exec(stateName.text);
  const state = test.endsWith('inp_state') ? INPUT_STATES.indexOf(stateName.text) : Number(ring?.[1] ?? -1);
  if (state < 0) throw new LineError('asm-operand', `"${stateName.text}" is not a state`, stateName.column);
  return { kind: 'br_state', test, state, target: resolve(target), defer: modifiers.defer() };
}

function parseBranchBit({ name, operands, modifiers, resolve }: Parsed): Instruction {
  const [source, bit, target] = operands.take(3) as [Piece, Piece, Piece];
  return {
    kind: 'br_bit',
    set: name === 'br_bset',
    source: parseRegister(source),
    bit: parseNumber(bit, 'a bit'),
    target: resolve(target),
    defer: modifiers.defer(),
  };
}

function parseBranchByte({ name, operands, modifiers, resolve }: Parsed): Instruction {
  const [source, byte, value, target] = operands.take(4) as [Piece, Piece, Piece, Piece];
  return {
    kind: 'br_byte',
    equal: name === 'br=byte',
    source: parseRegister(source),
    byte: parseNumber(byte, 'a byte'),
    value: parseNumber(value, 'a value'),
    target: resolve(target),
    defer: modifiers.defer(),
  };
}

function parseJump({ name, operands, modifiers, resolve }: Parsed): Instruction {
  const [source, target] = operands.take(name === 'rtn' ? 1 : 2) as [Piece, Piece?];
  const base = target === undefined ? 0 : resolve(target);
  return { kind: 'jump', source: parseRegister(source), base, defer: modifiers.defer() };
}

const WAITS = { voluntary: 'voluntary', kill: 'kill', '--': 'none', bpt: 'breakpoint' } as const;

function parseContextArbitration({ operands, modifiers, resolve }: Parsed): Instruction {
  const pieces = operands.any();
  const first = pieces[0]?.text ?? '';
  const named = pieces.length === 1 && Object.hasOwn(WAITS, first) ? WAITS[first as keyof typeof WAITS] : undefined;
  const resume = modifiers.argument('br');
  return {
    kind: 'ctx_arb',
    wait: named ?? 'signals',
    signals: named === undefined ? pieces.map(parseSignal).sort((x, y) => x - y) : [],
    any: modifiers.flag('any'),
    resumeAt: resume === undefined ? undefined : resolve(resume),
    defer: modifiers.defer(),
  };
}

function parseCsr(piece: Piece): number {
  const address = csrAddress(piece.text);
  if (address !== undefined) return address;
  if (/^0x[0-9a-f]{1,4}$/.test(piece.text)) return Number(piece.text);
  throw new LineError('asm-operand', `"${piece.text}" is not a CSR`, piece.column);
}
