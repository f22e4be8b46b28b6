import { assert } from '../../base/assert.ts';
import type { BranchCondition } from '../../npu/isa/instruction.ts';
import type { Block, Relation, Terminator } from '../ir.ts';
import { NONE, virtual } from './machine.ts';
import { blockLabel, type Selection } from './selection.ts';

/** The end of a block; `next` is the block that control falls into. */
export function selectEnd(s: Selection, end: Terminator, next: Block | undefined): void {
  const label = (name: string) => blockLabel(s.function.name, name);
  const go = (condition: BranchCondition, name: string) =>
    s.put({ kind: 'branch', condition, label: label(name) }, NONE, NONE, NONE);
  const orFall = (name: string) => {
    if (next?.name !== name) go('br', name);
  };
  switch (end.op) {
    case 'jump':
      orFall(end.to);
      return;
    case 'branch':
      if (end.taken === end.otherwise) orFall(end.taken);
      else selectBranch(s, end, next, go, orFall);
      return;
    case 'branch_wide': {
      const swap = end.relation.endsWith('le') || end.relation.endsWith('gt');
      const [aLow, aHigh, bLow, bHigh] = swap
        ? [end.rightLow, end.rightHigh, end.leftLow, end.leftHigh]
        : [end.leftLow, end.leftHigh, end.rightLow, end.rightHigh];
      const a = s.notBothImmediate(aLow, bLow);
      const b = s.source(bLow);
      const ah = s.notBothImmediate(aHigh, bHigh);
      const bh = s.source(bHigh);
      s.alu('-', NONE, a, b);
      s.alu('-carry', NONE, ah, bh);
      const relation = swap ? SWAPPED[end.relation] : end.relation;
      assert(relation !== 'eq' && relation !== 'ne', 'wide equality is made legal before selection');
      if (next?.name === end.taken) {
        go(CONDITION[NEGATED[relation]], end.otherwise);
        return;
      }
      go(CONDITION[relation], end.taken);
      orFall(end.otherwise);
      return;
    }
    case 'branch_bit': {
      if (end.source.kind === 'constant') {
        orFall(((end.source.value >>> end.bit) & 1) === 1 ? end.taken : end.otherwise);
        return;
      }
      const set = next?.name !== end.taken;
      const target = set ? end.taken : end.otherwise;
      s.put({ kind: 'br_bit', set, bit: end.bit, label: label(target) }, NONE, s.source(end.source), NONE);
      if (set) orFall(end.otherwise);
      return;
    }
    case 'branch_signal': {
      const signal = s.signal(end.signal) + (end.second ? 1 : 0);
      s.put({ kind: 'br_signal', signal, label: label(end.taken) }, NONE, NONE, NONE);
      orFall(end.otherwise);
      return;
    }
    case 'return':
      end.values.forEach((value, index) => {
        s.copy(virtual(s.results[index]!), value);
      });
      assert(s.link !== undefined, 'the entry function never returns');
      s.put({ kind: 'return' }, NONE, virtual(s.link), NONE);
      return;
    case 'halt':
      s.put({ kind: 'ctx_arb', wait: 'kill', signals: [] }, NONE, NONE, NONE);
  }
}

function selectBranch(
  s: Selection,
  end: Extract<Terminator, { op: 'branch' }>,
  next: Block | undefined,
  go: (condition: BranchCondition, name: string) => void,
  orFall: (name: string) => void,
): void {
  let { relation, left, right } = end;
  if (left.kind === 'constant' && right.kind !== 'constant') {
    [left, right] = [right, left];
    relation = SWAPPED[relation];
  }
  const equality = relation === 'eq' || relation === 'ne';
  const other = next?.name === end.taken;
  const target = other ? end.otherwise : end.taken;
  const effective = other ? NEGATED[relation] : relation;
  if (equality && right.kind === 'constant' && right.value <= 255 && left.kind === 'register' && s.width(left) <= 8) {
    // One octet decides, and the condition codes are not needed.
    s.put(
      {
        kind: 'br_byte',
        equal: effective === 'eq',
        byte: 0,
        value: right.value,
        label: blockLabel(s.function.name, target),
      },
      NONE,
      virtual(left.id),
      NONE,
    );
  } else {
    const swap = !equality && (effective.endsWith('le') || effective.endsWith('gt'));
    const [a, b] = swap ? [right, left] : [left, right];
    if (equality && right.kind === 'constant' && right.value === 0) s.alu('B', NONE, NONE, s.source(left));
    else s.alu('-', NONE, s.notBothImmediate(a, b), s.source(b));
    go(CONDITION[swap ? SWAPPED[effective] : effective], target);
  }
  if (!other) orFall(end.otherwise);
}

/** a OP b is b SWAPPED a. */
const SWAPPED: Readonly<Record<Relation, Relation>> = {
  eq: 'eq',
  ne: 'ne',
  ult: 'ugt',
  ule: 'uge',
  ugt: 'ult',
  uge: 'ule',
  slt: 'sgt',
  sle: 'sge',
  sgt: 'slt',
  sge: 'sle',
};

const NEGATED: Readonly<Record<Relation, Relation>> = {
  eq: 'ne',
  ne: 'eq',
  ult: 'uge',
  ule: 'ugt',
  ugt: 'ule',
  uge: 'ult',
  slt: 'sge',
  sle: 'sgt',
  sgt: 'sle',
  sge: 'slt',
};

/** After a - b. Carry set means no borrow (nfp_asm: BHS is carry set, BLO carry clear). */
const CONDITION: Readonly<Record<Relation, BranchCondition>> = {
  eq: 'beq',
  ne: 'bne',
  ult: 'bcc',
  uge: 'bcs',
  slt: 'blt',
  sge: 'bge',
  sgt: 'bgt',
  sle: 'ble',
  // Tested with the operands swapped, never directly.
  ule: 'bcs',
  ugt: 'bcc',
};
