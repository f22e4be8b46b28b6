import { assert } from '../../base/assert.ts';
import type { AluOperator, Shift } from '../../npu/isa/instruction.ts';
import type { OperationOf } from '../ir.ts';
import { fieldMask } from '../ir-interpret.ts';
import { immediate, type MachineCode, NONE, virtual } from './machine.ts';
import { selectAnd } from './select-arithmetic.ts';
import type { Selection } from './selection.ts';

export function selectWide(s: Selection, operation: OperationOf<'wide'>): void {
  const leftLow = s.notBothImmediate(operation.leftLow, operation.rightLow);
  const rightLow = s.source(operation.rightLow);
  const leftHigh = s.notBothImmediate(operation.leftHigh, operation.rightHigh);
  const rightHigh = s.source(operation.rightHigh);
  const [first, second]: [AluOperator, AluOperator] = operation.operator === 'add' ? ['+', '+carry'] : ['-', '-carry'];
  const { targetLow, targetHigh } = operation;
  // The low half is written first; where it is also a source of the high half it must wait in a register of its own.
  const early = [operation.leftHigh, operation.rightHigh].some(
    (source) => source.kind === 'register' && source.id === targetLow.id,
  );
  const low = virtual(early ? s.fresh() : targetLow.id);
  s.alu(first, low, leftLow, rightLow);
  s.alu(second, virtual(targetHigh.id), leftHigh, rightHigh);
  if (early) s.move(virtual(targetLow.id), low);
}

export function selectFunnel(s: Selection, operation: OperationOf<'funnel'>): void {
  assert(operation.amount.kind === 'constant', 'variable funnel shifts are made legal before selection');
  const amount = operation.amount.value & 31;
  const target = virtual(operation.target.id);
  if (amount === 0) {
    s.copy(target, operation.low);
    return;
  }
  const high = s.notBothImmediate(operation.high, operation.low);
  s.put({ kind: 'dbl_shf', amount }, target, high, s.source(operation.low));
}

export function selectExtract(s: Selection, operation: OperationOf<'extract'>): void {
  const { shift, width } = operation;
  const target = virtual(operation.target.id);
  if (operation.source.kind === 'constant') {
    s.load(target, (operation.source.value >>> shift) & fieldMask(width));
    return;
  }
  const source = s.source(operation.source);
  if (shift + width === 32) {
    if (shift === 0) s.move(target, source);
    else s.shifted(target, source, { kind: 'right', amount: shift });
    return;
  }
  if (width % 8 === 0) {
    const mask = (1 << (width / 8)) - 1;
    s.put({ kind: 'ld_field', clear: true, mask, shift: rotate(shift) }, target, NONE, source);
    return;
  }
  if (width <= 8) {
    if (shift === 0) s.alu('AND', target, source, immediate(fieldMask(width)));
    else {
      const code: MachineCode = { kind: 'alu_shf', operator: 'AND', shift: { kind: 'right', amount: shift } };
      s.put(code, target, immediate(fieldMask(width)), source);
    }
    return;
  }
  const high = virtual(s.fresh());
  s.shifted(high, source, { kind: 'left', amount: 32 - shift - width });
  s.shifted(target, high, { kind: 'right', amount: 32 - width });
}

export function selectInsert(s: Selection, operation: OperationOf<'insert'>): void {
  const { shift, width, base, source } = operation;
  const target = virtual(operation.target.id);
  if (width === 32) {
    s.copy(target, source);
    return;
  }
  if (shift % 8 === 0 && width % 8 === 0) {
    const value = s.source(source);
    // The field goes into a copy of the base; the target may be the source, so a register of its own holds it.
    const merged = source.kind === 'register' && source.id === operation.target.id ? virtual(s.fresh()) : target;
    if (!(base.kind === 'register' && merged.kind === 'virtual' && base.id === merged.id)) s.copy(merged, base);
    const mask = ((1 << (width / 8)) - 1) << (shift / 8);
    s.put({ kind: 'ld_field', clear: false, mask, shift: rotate((32 - shift) & 31) }, merged, NONE, value);
    if (merged !== target) s.move(target, merged);
    return;
  }
  const mask = fieldMask(width);
  const field = virtual(s.fresh());
  const cleared = virtual(s.fresh());
  if (source.kind === 'constant') s.load(field, ((source.value & mask) << shift) >>> 0);
  else {
    const up = virtual(s.fresh());
    s.shifted(up, s.source(source), { kind: 'left', amount: 32 - width });
    if (32 - width - shift === 0) s.move(field, up);
    else s.shifted(field, up, { kind: 'right', amount: 32 - width - shift });
  }
  const kept = ~((mask << shift) >>> 0) >>> 0;
  if (base.kind === 'constant') s.load(cleared, (base.value & kept) >>> 0);
  else selectAnd(s, cleared, base, { kind: 'constant', value: kept });
  s.alu('OR', target, cleared, field);
}

export function selectFfs(s: Selection, operation: OperationOf<'ffs'>): void {
  const target = virtual(operation.target.id);
  if (operation.source.kind === 'constant') {
    const value = operation.source.value;
    s.load(target, value === 0 ? 32 : 31 - Math.clz32(value & -value));
    return;
  }
  s.put({ kind: 'ffs' }, target, NONE, s.source(operation.source));
}

function rotate(amount: number): Shift {
  return { kind: 'rotate', amount };
}
