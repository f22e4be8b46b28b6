import { type BRANCH_CODE, type BRANCH_CONTEXT_CODE, type BRANCH_STATE_CODE, INPUT_STATES } from '../isa/codes.ts';
import type { Instruction } from '../isa/instruction.ts';
import { LineError, type Piece } from './line-error.ts';
import { parseSignal } from './operands.ts';
import type { StatementReader } from './statement-reader.ts';

/** Branches, jumps and context swaps. */

/** `beq[.577], defer[2]`; `bhs` and `blo` are other names of `bcs` and `bcc`. */
export function parseBranch(reader: StatementReader): Instruction {
  const [target] = reader.take('target') as [Piece];
  const { name } = reader;
  const condition = (name === 'bhs' ? 'bcs' : name === 'blo' ? 'bcc' : name) as keyof typeof BRANCH_CODE;
  return { kind: 'branch', condition, target: reader.target(target), defer: reader.modifiers.defer() };
}

/** `br=ctx[3, .9]`, `br_signal[2, .9]`. */
export function parseBranchContext(reader: StatementReader): Instruction {
  const test = reader.name as keyof typeof BRANCH_CONTEXT_CODE;
  const what = test.endsWith('ctx') ? 'context' : 'signal';
  const [operand, target] = reader.take(`${what}, target`) as [Piece, Piece];
  const number = reader.number(operand, 'operand', `the number of a ${what}`);
  return { kind: 'br_context', test, operand: number, target: reader.target(target), defer: reader.modifiers.defer() };
}

/** `br_inp_state[nn_empty, .9]`, `br_cls_state[cls_ring2_status, .9]`. */
export function parseBranchState(reader: StatementReader): Instruction {
  const [name, target] = reader.take('state, target') as [Piece, Piece];
  const test = reader.name as keyof typeof BRANCH_STATE_CODE;
  const input = test.endsWith('inp_state');
  const ring = /^cls_ring(\d{1,2})_status$/.exec(name.text);
  const state = input ? INPUT_STATES.indexOf(name.text) : Number(ring?.[1] ?? -1);
  if (state < 0) {
    const hint = `states: ${input ? INPUT_STATES.join(', ') : 'cls_ring0_status to cls_ring15_status'}`;
    throw new LineError('asm-operand', `"${name.text}" is not a state of ${reader.name}`, name.column, hint);
  }
  reader.mark('state', name);
  return { kind: 'br_state', test, state, target: reader.target(target), defer: reader.modifiers.defer() };
}

/** `br_bset[gprA_1, 5, .9]`. */
export function parseBranchBit(reader: StatementReader): Instruction {
  const [source, bit, target] = reader.take('register, bit, target') as [Piece, Piece, Piece];
  return {
    kind: 'br_bit',
    set: reader.name === 'br_bset',
    source: reader.register(source),
    bit: reader.number(bit, 'bit', 'the number of a bit'),
    target: reader.target(target),
    defer: reader.modifiers.defer(),
  };
}

/** `br=byte[gprA_1, 0, 0x7f, .9]`. */
export function parseBranchByte(reader: StatementReader): Instruction {
  const [source, byte, value, target] = reader.take('register, byte, value, target') as [Piece, Piece, Piece, Piece];
  return {
    kind: 'br_byte',
    equal: reader.name === 'br=byte',
    source: reader.register(source),
    byte: reader.number(byte, 'byte', 'the number of an octet'),
    value: reader.number(value, 'value', 'a value'),
    target: reader.target(target),
    defer: reader.modifiers.defer(),
  };
}

/** `jump[gprA_1, .9]`, `rtn[gprA_1]`. */
export function parseJump(reader: StatementReader): Instruction {
  const [source, target] = reader.take(reader.name === 'rtn' ? 'register' : 'register, target') as [Piece, Piece?];
  const base = target === undefined ? 0 : reader.target(target);
  return { kind: 'jump', source: reader.register(source), base, defer: reader.modifiers.defer() };
}

const WAITS = { voluntary: 'voluntary', kill: 'kill', '--': 'none', bpt: 'breakpoint' } as const;

/** `ctx_arb[sig1, sig2], any, br[.9], defer[1]`, `ctx_arb[kill]`. */
export function parseContextArbitration(reader: StatementReader): Instruction {
  const pieces = reader.pieces();
  const first = pieces[0]?.text ?? '';
  const named = pieces.length === 1 && Object.hasOwn(WAITS, first) ? WAITS[first as keyof typeof WAITS] : undefined;
  if (pieces[0] !== undefined) reader.mark('signal', pieces[0]);
  else reader.take('signals', 'voluntary', 'kill', '--', 'bpt');
  const resume = reader.modifiers.argument('br');
  return {
    kind: 'ctx_arb',
    wait: named ?? 'signals',
    signals: named === undefined ? pieces.map(parseSignal).sort((x, y) => x - y) : [],
    any: reader.modifiers.flag('any'),
    resumeAt: resume === undefined ? undefined : reader.target(resume),
    defer: reader.modifiers.defer(),
  };
}
