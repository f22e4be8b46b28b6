import { ALU_CODE, CRC_BYTES_CODE, CRC_CODE, type UNARY_CODE } from '../isa/codes.ts';
import type { CrcBytes, Instruction, MulStepInstruction, MultiplySize } from '../isa/instruction.ts';
import { LineError, type Piece } from './line-error.ts';
import { nameIn } from './operands.ts';
import type { StatementReader } from './statement-reader.ts';

/** Instructions that compute without shifting: alu and what shares its form, constants, multiply. */

/** `alu[gprA_1, gprA_2, +, gprB_3]`. */
export function parseAlu(reader: StatementReader): Instruction {
  const [destination, a, operator, b] = reader.take('destination, a, operator, b') as [Piece, Piece, Piece, Piece];
  return {
    kind: 'alu',
    operator: nameIn(ALU_CODE, operator, 'an operator of alu'),
    destination: reader.destination(destination),
    a: reader.operand(a),
    b: reader.source(b),
    ...reader.modifiers.result(),
  };
}

/** `ffs[gprA_1, gprB_2]`, `pop_count1[gprB_2]` and the like. */
export function parseUnary(reader: StatementReader): Instruction {
  const operator = reader.name as keyof typeof UNARY_CODE;
  const withoutDestination = operator === 'pop_count1' || operator === 'pop_count2';
  const pieces = reader.take(withoutDestination ? 'source' : 'destination, source');
  return {
    kind: 'unary',
    operator,
    destination: withoutDestination ? { kind: 'none' } : reader.destination(pieces[0]!),
    source: reader.source(pieces[pieces.length - 1]!),
    ...reader.modifiers.result(),
  };
}

/** `immed[gprA_1, 0x1234, <<8]`, `immed_w1[gprA_1, 0x1234]`, `immed_b2[gprA_1, 0x12]`. */
export function parseImmed(reader: StatementReader): Instruction {
  const forms = reader.name === 'immed' ? ['destination, value', 'destination, value, <<n'] : ['destination, value'];
  const [destination, value, shiftPiece] = reader.take(...forms) as [Piece, Piece, Piece?];
  const part = /^immed_([wb])([0-3])$/.exec(reader.name);
  let shift = 0;
  if (part !== null) shift = Number(part[2]) * (part[1] === 'w' ? 16 : 8);
  if (shiftPiece !== undefined) {
    const match = /^<<(0|8|16|24)$/.exec(shiftPiece.text);
    if (match === null) {
      throw new LineError('asm-operand', `expected <<8, <<16 or <<24, got "${shiftPiece.text}"`, shiftPiece.column);
    }
    shift = Number(match[1]);
  }
  const { writeBoth, predicate } = reader.modifiers.resultWithoutConditionCodes();
  return {
    kind: 'immed',
    width: part === null ? 'full' : part[1] === 'w' ? 'word' : 'byte',
    destination: reader.destination(destination),
    value: reader.number(value, 'value', 'a number'),
    shift: shift as 0 | 8 | 16 | 24,
    writeBoth,
    predicate,
  };
}

/** `load_addr[gprA_1, label]` is the `immed` of an instruction index. */
export function parseLoadAddress(reader: StatementReader): Instruction {
  const [destination, target] = reader.take('destination, label') as [Piece, Piece];
  const { writeBoth, predicate } = reader.modifiers.resultWithoutConditionCodes();
  return {
    kind: 'immed',
    width: 'full',
    destination: reader.destination(destination),
    value: reader.target(target),
    shift: 0,
    writeBoth,
    predicate,
  };
}

/** `mul_step[gprA_1, gprB_2], 32x32_step1`, `mul_step[gprA_1, --], 32x32_last`. */
export function parseMultiply(reader: StatementReader): Instruction {
  const [first, second] = reader.take('a, b', 'destination, --') as [Piece, Piece];
  const [step, column] = reader.modifiers.multiplyStep();
  const flags = reader.modifiers.result();
  if (step === 'start') {
    return { kind: 'mul_step', phase: 'start', a: reader.source(first), b: reader.source(second), ...flags };
  }
  const match = /^(24x8|16x16|32x32)_(step[1-4]|last2?)$/.exec(step);
  if (match === null) {
    const hint = 'steps: start; 24x8, 16x16 or 32x32 with _step1.._step4, _last, _last2';
    throw new LineError('asm-modifier', `"${step}" is not a step of mul_step`, column, hint);
  }
  const size = match[1] as MultiplySize;
  const phase = match[2] as Exclude<MulStepInstruction['phase'], 'start'>;
  if (phase === 'last' || phase === 'last2') {
    if (second.text !== '--') {
      throw new LineError('asm-operand', `${step} takes a destination and --, got "${second.text}"`, second.column);
    }
    return { kind: 'mul_step', phase, size, destination: reader.register(first), ...flags };
  }
  return { kind: 'mul_step', phase, size, a: reader.source(first), b: reader.source(second), ...flags };
}

/** `crc_be[crc_32, gprA_1, gprB_2], bytes_0_2, bit_swap`. */
export function parseCrc(reader: StatementReader): Instruction {
  const [operator, destination, source] = reader.take('crc, destination, source') as [Piece, Piece, Piece];
  const names = Object.keys(CRC_BYTES_CODE) as CrcBytes[];
  const bytes = names.find((candidate) => reader.modifiers.flag(candidate)) ?? 'bytes_0_3';
  const bitSwap = reader.modifiers.flag('bit_swap');
  return {
    kind: 'crc',
    littleEndian: reader.name === 'crc_le',
    operator: nameIn(CRC_CODE, operator, 'a CRC'),
    destination: reader.destination(destination),
    source: reader.source(source),
    bytes,
    bitSwap,
    ...reader.modifiers.result(),
  };
}

/** `cam_clear`. */
export function parseCamClear(reader: StatementReader): Instruction {
  reader.take('');
  return { kind: 'cam_clear', ...reader.modifiers.result() };
}

/** `cam_lookup[gprA_1, gprB_2], lm_addr1[2]`. */
export function parseCamLookup(reader: StatementReader): Instruction {
  const [destination, source] = reader.take('destination, source') as [Piece, Piece];
  return {
    kind: 'cam_lookup',
    destination: reader.destination(destination),
    source: reader.source(source),
    localMemory: reader.modifiers.localMemoryAddress(),
    ...reader.modifiers.result(),
  };
}

/** `cam_write[gprA_1, gprB_2, 3]`, `cam_write_state[gprA_1, 3]`. */
export function parseCamWrite(reader: StatementReader): Instruction {
  const withTag = reader.name === 'cam_write';
  const pieces = reader.take(withTag ? 'entry, tag, state' : 'entry, state');
  return {
    kind: 'cam_write',
    entry: reader.source(pieces[0]!),
    tag: withTag ? reader.source(pieces[1]!) : { kind: 'none' },
    state: reader.number(pieces[pieces.length - 1]!, 'state', 'a state'),
    ...reader.modifiers.result(),
  };
}
