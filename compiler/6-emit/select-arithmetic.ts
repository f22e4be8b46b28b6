import type { AluOperator, Shift } from '../../npu/isa/instruction.ts';
import type { Operand, OperationOf } from '../ir.ts';
import { binary } from '../ir-interpret.ts';
import { immediate, type MachineOperand, NONE, virtual } from './machine.ts';
import { IMMEDIATE_MAX, type Selection } from './selection.ts';

export function selectBinary(s: Selection, operation: OperationOf<'binary'>): void {
  const { operator, left, right } = operation;
  const target = virtual(operation.target.id);
  if (left.kind === 'constant' && right.kind === 'constant') {
    s.load(target, binary(operator, left.value, right.value));
    return;
  }
  switch (operator) {
    case 'add': {
      // x + (2^32 - n) is x - n, and small n need no register.
      if (right.kind === 'constant' && right.value > 0xffffff00) {
        s.alu('-', target, s.source(left), immediate(2 ** 32 - right.value));
        return;
      }
      twoSources(s, '+', target, left, right);
      return;
    }
    case 'sub':
      twoSources(s, '-', target, left, right);
      return;
    case 'and':
      selectAnd(s, target, left, right);
      return;
    case 'or':
      twoSources(s, 'OR', target, left, right);
      return;
    case 'xor':
      twoSources(s, 'XOR', target, left, right);
      return;
    case 'shl':
    case 'shr':
    case 'sar':
    case 'rotr':
      selectShift(s, operation);
      return;
    case 'mul':
    case 'mulhigh':
      selectMultiply(s, operation);
  }
}

function twoSources(s: Selection, operator: AluOperator, target: MachineOperand, left: Operand, right: Operand): void {
  s.alu(operator, target, s.source(left), s.source(right));
}

export function selectAnd(s: Selection, target: MachineOperand, left: Operand, right: Operand): void {
  if (left.kind === 'constant') [left, right] = [right, left];
  if (right.kind === 'constant') {
    const mask = right.value;
    const octets = octetMask(mask);
    if (mask > IMMEDIATE_MAX && ~mask >>> 0 <= IMMEDIATE_MAX) {
      s.alu('AND~', target, s.source(left), immediate(~mask >>> 0));
      return;
    }
    if (octets !== undefined && mask > IMMEDIATE_MAX) {
      s.put(
        { kind: 'ld_field', clear: true, mask: octets, shift: { kind: 'rotate', amount: 0 } },
        target,
        NONE,
        s.source(left),
      );
      return;
    }
  }
  twoSources(s, 'AND', target, left, right);
}

function selectShift(s: Selection, operation: OperationOf<'binary'>): void {
  const { operator, left, right } = operation;
  const target = virtual(operation.target.id);
  const source = s.source(left);
  const direction = operator === 'shl' ? 'left' : 'right';
  if (right.kind === 'constant') {
    const amount = right.value & 31;
    if (amount === 0) s.move(target, source);
    else if (operator === 'sar') {
      // The vacated bits are copies of the sign of the instruction before's result (nfp_asm, ASHR).
      s.alu('B', NONE, NONE, source);
      s.put({ kind: 'asr', amount }, target, NONE, source, true);
    } else if (operator === 'rotr') s.shifted(target, source, { kind: 'rotate', amount });
    else s.shifted(target, source, { kind: direction, amount });
    return;
  }
  const amount = s.source(right);
  // An immediate has no sign.
  const arithmetic = operator === 'sar' && source.kind === 'virtual';
  if (operator === 'rotr') {
    // There is no indirect rotate: (x >> n) | (x << -n), and for n = 0 both are x.
    const opposite = virtual(s.fresh());
    const low = virtual(s.fresh());
    const high = virtual(s.fresh());
    s.alu('-', opposite, immediate(0), amount);
    indirectAmount(s, amount, immediate(0));
    s.put({ kind: 'alu_shf', operator: 'B', shift: { kind: 'right', amount: 'indirect' } }, low, NONE, source, true);
    indirectAmount(s, opposite, immediate(0));
    s.put({ kind: 'alu_shf', operator: 'B', shift: { kind: 'left', amount: 'indirect' } }, high, NONE, source, true);
    s.alu('OR', target, low, high);
    return;
  }
  indirectAmount(s, amount, arithmetic ? source : immediate(0));
  if (arithmetic) s.put({ kind: 'asr', amount: 'indirect' }, target, NONE, source, true);
  else {
    const shift: Shift = { kind: direction, amount: 'indirect' };
    s.put({ kind: 'alu_shf', operator: 'B', shift }, target, NONE, source, true);
  }
}

/** The instruction before an indirect shift: its A operand is the amount, its result's sign fills `asr`. */
function indirectAmount(s: Selection, amount: MachineOperand, sign: MachineOperand): void {
  if (sign.kind === 'immediate') {
    s.alu('OR', NONE, amount, sign);
    return;
  }
  // Only the low 5 bits of the amount count, but its sign must not reach the result: mask it first.
  const masked = virtual(s.fresh());
  s.alu('AND', masked, amount, immediate(31));
  s.alu('OR', NONE, masked, sign);
}

function selectMultiply(s: Selection, operation: OperationOf<'binary'>): void {
  const target = virtual(operation.target.id);
  const { left, right } = operation;
  const widths = [s.width(left), s.width(right)] as const;
  if (operation.operator === 'mulhigh' && widths[0] + widths[1] <= 32) {
    s.load(target, 0);
    return;
  }
  // The fewer octets of B count, the fewer steps it takes.
  const swap = widths[1] > widths[0];
  const a = s.source(swap ? right : left);
  const b = s.source(swap ? left : right);
  const [wide, narrow] = swap ? [widths[1], widths[0]] : widths;
  const size = wide <= 24 && narrow <= 8 ? '24x8' : wide <= 16 && narrow <= 16 ? '16x16' : '32x32';
  s.put({ kind: 'mul_step', phase: 'start', size }, NONE, a, b);
  for (const phase of MULTIPLY_STEPS[size]) s.put({ kind: 'mul_step', phase, size }, NONE, a, b, true);
  s.put({ kind: 'mul_step', phase: 'last', size }, target, NONE, NONE, true);
  // The high word is the second that the multiplier gives.
  if (operation.operator === 'mulhigh') {
    s.put({ kind: 'mul_step', phase: 'last2', size: '32x32' }, target, NONE, NONE, true);
  }
}

const MULTIPLY_STEPS = {
  '24x8': ['step1'],
  '16x16': ['step1', 'step2'],
  '32x32': ['step1', 'step2', 'step3', 'step4'],
} as const;

/** Four bits, one an octet, when the mask is made of whole octets. */
function octetMask(mask: number): number | undefined {
  let octets = 0;
  for (let octet = 0; octet < 4; octet++) {
    const bits = (mask >>> (8 * octet)) & 0xff;
    if (bits === 0xff) octets |= 1 << octet;
    else if (bits !== 0) return undefined;
  }
  return octets;
}
