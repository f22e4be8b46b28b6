import type { TypedExpression, TypedFunction } from '../../3-analyze/micro-c/typed-tree.ts';
import { type FunctionType, isFunctionPointer, sameType } from '../../3-analyze/micro-c/types.ts';
import { load, store } from './access.ts';
import { callWith, lowerArguments } from './calls.ts';
import { lowerValue } from './evaluate.ts';
import type { Lowering } from './lowering.ts';
import { trap } from './trap.ts';
import { NONE, type Value } from './value.ts';

type Call = Extract<TypedExpression, { kind: 'call-pointer' }>;

/**
 * A call through a pointer: the pointer is a number, compared with those of the functions of its type whose address is
 * taken anywhere in the program. No other function can be meant; a pointer to none stops the program.
 */
export function lowerPointerCall(lowering: Lowering, call: Call): Value {
  const { b, shared } = lowering;
  const { position, pointer, type } = call;
  const chosen = lowering.wordOf(lowering.frozen(lowerValue(lowering, pointer)));
  const values = lowerArguments(lowering, call.arguments);
  const { addressed } = shared.program;
  if (chosen.kind === 'constant') {
    const known = addressed[chosen.value - 1];
    if (known !== undefined) return callWith(lowering, known, values, position);
  }
  const result =
    type.kind === 'void'
      ? undefined
      : type.kind === 'record'
        ? lowering.temporary(type.octets, position)
        : lowering.newRegisters(type, 'called.result');
  const done = b.blockName('called');
  const wanted = isFunctionPointer(pointer.type) ? pointer.type.to.type : undefined;
  addressed.forEach((each, index) => {
    if (wanted === undefined || !isCallable(each, wanted)) return;
    const [matches, next] = [b.blockName('call'), b.blockName('next')];
    b.at(position).branch('eq', chosen, index + 1, matches, next);
    b.startBlock(matches);
    const value = callWith(lowering, each, values, position);
    lowering.ensureOpen();
    if (result !== undefined) store(lowering, result, type, value, undefined, position);
    b.jump(done);
    b.startBlock(next);
  });
  trap(lowering, position);
  b.startBlock(done);
  if (result === undefined) return NONE;
  if (type.kind === 'record') return { kind: 'pointer', place: result };
  return load(lowering, result, type, undefined, position);
}

function isCallable(called: TypedFunction, wanted: FunctionType): boolean {
  return called.body !== undefined && sameType(called.type, wanted);
}
