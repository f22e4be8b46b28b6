import type { SourcePosition } from '../../../base/errors.ts';
import type { Analysis } from './scopes.ts';
import type { TypedExpression, TypedFunction } from './typed-tree.ts';
import { plain, type Type } from './types.ts';
import { value } from './values.ts';

/**
 * 6.3.2.1 p4: a function that is not called is a pointer to it. On the NIC that is the function's number among those
 * whose address is taken, so that it is a constant, and a call through a pointer can only reach these.
 */
export function functionPointer(analysis: Analysis, named: TypedFunction, position: SourcePosition): TypedExpression {
  const { addressed } = analysis.linkage;
  named.uses++;
  if (!addressed.includes(named)) addressed.push(named);
  const type: Type = { kind: 'pointer', to: plain(named.type) };
  return { kind: 'constant', value: BigInt(addressed.indexOf(named) + 1), ...value(type, position) };
}

/** The function that a constant pointer means; undefined for a null pointer. */
export function pointedFunction(addressed: readonly TypedFunction[], number: bigint): TypedFunction | undefined {
  return addressed[Number(number) - 1];
}
