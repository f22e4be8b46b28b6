import type { TypedExpression } from '../../3-analyze/micro-c/typed-tree.ts';
import { alignOf, type BitField, sizeOf } from '../../3-analyze/micro-c/types.ts';

/** Which bits of the unit at a place an object is, and whether the unit may begin at any octet. */
export interface Bits extends BitField {
  readonly unaligned: boolean;
}

/** Absent: the whole of an object that lies where its type wants it. */
export function bitsOf(object: TypedExpression): Bits | undefined {
  const bits = object.kind === 'field' ? object.field.bits : undefined;
  const unaligned = alignOf(object.type) > 1 && isInPacked(object);
  if (bits !== undefined) return { ...bits, unaligned };
  return unaligned ? { shift: 0, width: (sizeOf(object.type) ?? 4) * 8, unaligned } : undefined;
}

/** A part of a packed record, as far as the expression says: a pointer to such a part does not. */
export function isInPacked(object: TypedExpression): boolean {
  let at = object;
  for (;;) {
    if (at.kind === 'field') {
      if (at.field.packed) return true;
      at = at.object;
    } else if (at.kind === 'dereference') {
      const pointer = at.pointer.kind === 'pointer-add' ? at.pointer.pointer : at.pointer;
      if (pointer.kind !== 'decay') return false;
      at = pointer.array;
    } else return false;
  }
}
