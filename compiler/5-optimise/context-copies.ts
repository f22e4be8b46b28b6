import type { IrFunction, IrModule, Operand, Operation, Register } from '../ir.ts';
import { addObject } from '../ir-builder.ts';

/**
 * An object of a function in EMEM that every context has a copy of, a power of two of octets apart. A function runs once
 * at a time in a context, so that one copy for each will do.
 */
export interface ContextCopies {
  readonly object: string;
  readonly strideBits: number;
}

/** @param contextSlots for how many contexts */
export function addContextCopies(
  module: IrModule,
  { owner, position }: IrFunction,
  name: string,
  octets: number,
  contextSlots: number,
): ContextCopies {
  const strideBits = Math.ceil(Math.log2(octets));
  addObject(module, { name, owner, memory: 'emem', octets: 2 ** strideBits * contextSlots, align: 8, position });
  return { object: name, strideBits };
}

/**
 * Writes operations that find how far the running context's copy is from the first, numbered by island, core and context
 * as the status register has them.
 */
export function contextOffset(
  function_: IrFunction,
  { strideBits }: ContextCopies,
  position: Operation['position'],
  output: Operation[],
): Register {
  const [status, island, low, index, offset] = [0, 1, 2, 3, 4].map(() => freshRegister(function_)) as [
    Register,
    Register,
    Register,
    Register,
    Register,
  ];
  const shift: Operand = { kind: 'constant', value: strideBits };
  output.push(
    { op: 'csr_read', target: status, csr: 'ActCtxStatus', position },
    { op: 'extract', target: island, source: status, shift: 25, width: 5, position },
    { op: 'extract', target: low, source: status, shift: 0, width: 7, position },
    { op: 'insert', target: index, base: low, source: island, shift: 7, width: 5, position },
    { op: 'binary', operator: 'shl', target: offset, left: index, right: shift, position },
  );
  return offset;
}

export function freshRegister(function_: IrFunction): Register {
  function_.registers.push({ name: '' });
  return { kind: 'register', id: function_.registers.length - 1 };
}
