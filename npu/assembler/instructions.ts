import { BRANCH_CODE, BRANCH_CONTEXT_CODE, BRANCH_STATE_CODE, UNARY_CODE } from '../isa/codes.ts';
import { COMMAND_TARGETS } from '../isa/commands.ts';
import { CSR, csrAddress } from '../isa/csr.ts';
import type { Instruction } from '../isa/instruction.ts';
import type { ProblemPlace } from '../isa/verify-operands.ts';
import { parseCommand } from './command.ts';
import { LineError, type Piece } from './line-error.ts';
import {
  parseAlu,
  parseCamClear,
  parseCamLookup,
  parseCamWrite,
  parseCrc,
  parseImmed,
  parseLoadAddress,
  parseMultiply,
  parseUnary,
} from './parse-alu.ts';
import {
  parseBranch,
  parseBranchBit,
  parseBranchByte,
  parseBranchContext,
  parseBranchState,
  parseContextArbitration,
  parseJump,
} from './parse-flow.ts';
import {
  parseAluShift,
  parseArithmeticShift,
  parseByteAlign,
  parseDoubleShift,
  parseLoadField,
} from './parse-shift.ts';
import type { Statement } from './scan.ts';
import { nearest } from './spelling.ts';
import { type ResolveTarget, StatementReader } from './statement-reader.ts';

export interface ParsedInstruction {
  readonly instruction: Instruction;
  /** Where the parts of the instruction stand in the line. */
  readonly places: ReadonlyMap<ProblemPlace, Piece>;
}

/** The instruction that a statement writes. Throws `LineError`; ranges are left to the verifier. */
export function parseInstruction(statement: Statement, resolve: ResolveTarget): ParsedInstruction {
  const { text, column } = statement.mnemonic;
  const parser = PARSERS.get(text);
  if (parser === undefined) {
    const hint = nearest(text, [...PARSERS.keys()]) ?? 'docs/npu-instruction-set.md lists the instructions';
    throw new LineError('asm-mnemonic', `unknown instruction "${text}"`, column, hint);
  }
  const reader = new StatementReader(statement, resolve);
  const instruction = parser(reader);
  reader.modifiers.finish();
  return { instruction, places: reader.places };
}

type Parser = (reader: StatementReader) => Instruction;

const PARSERS: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ['alu', parseAlu],
  ...named(Object.keys(UNARY_CODE), parseUnary),
  ...named(['cam_write', 'cam_write_state'], parseCamWrite),
  ['cam_clear', parseCamClear],
  ['cam_lookup', parseCamLookup],
  ...named(['crc_be', 'crc_le'], parseCrc),
  ...named(['immed', 'immed_w0', 'immed_w1', 'immed_b0', 'immed_b1', 'immed_b2', 'immed_b3'], parseImmed),
  ['load_addr', parseLoadAddress],
  ['mul_step', parseMultiply],
  ['alu_shf', parseAluShift],
  ['dbl_shf', parseDoubleShift],
  ['asr', parseArithmeticShift],
  ...named(['byte_align_be', 'byte_align_le'], parseByteAlign),
  ...named(['ld_field', 'ld_field_w_clr'], parseLoadField),
  // The last two are names for unsigned comparison, which objdump does not use.
  ...named([...Object.keys(BRANCH_CODE), 'bhs', 'blo'], parseBranch),
  ...named(Object.keys(BRANCH_CONTEXT_CODE), parseBranchContext),
  ...named(Object.keys(BRANCH_STATE_CODE), parseBranchState),
  ...named(['br_bset', 'br_bclr'], parseBranchBit),
  ...named(['br=byte', 'br!=byte'], parseBranchByte),
  ...named(['jump', 'rtn'], parseJump),
  ['ctx_arb', parseContextArbitration],
  ['local_csr_rd', parseCsrRead],
  ['local_csr_wr', parseCsrWrite],
  ...named(COMMAND_TARGETS, parseCommand),
  ['nop', parseNop],
]);

function named(names: readonly string[], parser: Parser): [string, Parser][] {
  return names.map((name) => [name, parser]);
}

function parseCsrRead(reader: StatementReader): Instruction {
  const [csr] = reader.take('csr') as [Piece];
  return { kind: 'local_csr_rd', csr: readCsr(reader, csr) };
}

function parseCsrWrite(reader: StatementReader): Instruction {
  const [csr, source] = reader.take('csr, source') as [Piece, Piece];
  return { kind: 'local_csr_wr', csr: readCsr(reader, csr), source: reader.source(source) };
}

/** The address of a CSR by name, or as a number where it has none. */
function readCsr(reader: StatementReader, piece: Piece): number {
  reader.mark('csr', piece);
  const address = csrAddress(piece.text);
  if (address !== undefined) return address;
  if (/^0x[0-9a-f]{1,4}$/.test(piece.text)) return Number(piece.text);
  const hint = nearest(piece.text, Object.keys(CSR)) ?? 'a name such as ActLMAddr0, or an octet address such as 0x64';
  throw new LineError('asm-operand', `"${piece.text}" is not a CSR`, piece.column, hint);
}

function parseNop(reader: StatementReader): Instruction {
  reader.take('');
  return { kind: 'nop' };
}
