import type { SourcePosition } from '../../../base/errors.ts';
import type { Analysis } from './scopes.ts';
import type { TypedExpression } from './typed-tree.ts';
import {
  describeType,
  isWidePointer,
  type Memory,
  type PointerType,
  sameType,
  type Type,
  UNSIGNED,
  UNSIGNED_64,
} from './types.ts';
import { constantOf, convertInteger, isNull, isPoison, value } from './values.ts';

/** 6.3.2.1: arrays become pointers; everything else keeps its type and counts as a value. */
export function rvalue(expression: TypedExpression): TypedExpression {
  if (expression.type.kind !== 'array') return expression;
  const memory = expression.qualifiers?.memory ?? expression.type.of.memory;
  const to = { ...expression.type.of, memory, addressBits: expression.qualifiers?.addressBits };
  return { kind: 'decay', array: expression, ...value({ kind: 'pointer', to }, expression.position) };
}

type Why = 'cast' | 'assignment' | 'argument' | 'return' | 'initializer';

/**
 * Converts a value to a type as an assignment does (6.5.16.1), or as a cast does (6.5.4). What makes no sense is
 * reported, and a constant of the wanted type is given in its place.
 */
export function convertTo(
  analysis: Analysis,
  operand: TypedExpression,
  target: Type,
  position: SourcePosition,
  why: Why,
): TypedExpression {
  const from = operand.type;
  if (isPoison(operand)) return placeholder(target, position);
  if (target.kind === 'integer') {
    if (from.kind === 'integer') return convertInteger(operand, target);
    if (from.kind === 'pointer') {
      if (why === 'cast' || target.boolean) return { kind: 'convert', operand, ...value(target, position) };
      return refuse(analysis, operand, target, position, why, 'write a cast if the address itself is meant');
    }
  }
  if (target.kind === 'pointer') {
    if (from.kind === 'pointer') return convertPointer(analysis, operand, from, target, position, why);
    if (from.kind === 'integer' && (isNull(operand) || why === 'cast')) {
      const address = convertInteger(operand, isWidePointer(target) ? UNSIGNED_64 : UNSIGNED);
      return { kind: 'convert', operand: address, ...value(target, position) };
    }
  }
  if (target.kind === 'record' && sameType(target, from)) return operand;
  return refuse(analysis, operand, target, position, why, undefined);
}

function convertPointer(
  analysis: Analysis,
  operand: TypedExpression,
  from: PointerType,
  target: PointerType,
  position: SourcePosition,
  why: Why,
): TypedExpression {
  const source = addressSpace(from);
  const wanted = addressSpace(target);
  if (source !== wanted) {
    const text = `a pointer into ${source} cannot become one into ${wanted}`;
    analysis.diagnostics.error('type-other-memory', position, text, memoryHint(source, wanted));
    return placeholder(target, position);
  }
  if (why !== 'cast') {
    const compatible =
      sameType(from.to.type, target.to.type) || from.to.type.kind === 'void' || target.to.type.kind === 'void';
    if (!compatible) return refuse(analysis, operand, target, position, why, 'write a cast if this is meant');
    if (from.to.const && !target.to.const) {
      analysis.diagnostics.error(
        'type-loses-const',
        position,
        `${describeType(target)} would allow writing to a const object`,
      );
    }
  }
  if (sameType(from, target) && from.to.memory === target.to.memory) return operand;
  return { kind: 'convert', operand, ...value(target, position) };
}

function refuse(
  analysis: Analysis,
  operand: TypedExpression,
  target: Type,
  position: SourcePosition,
  why: Why,
  hint: string | undefined,
): TypedExpression {
  const text = `${describeType(operand.type)} cannot become ${describeType(target)}`;
  analysis.diagnostics.error(why === 'cast' ? 'type-bad-cast' : `type-bad-${why}`, position, text, hint);
  return placeholder(target, position);
}

function placeholder(target: Type, position: SourcePosition): TypedExpression {
  if (target.kind === 'integer') return constantOf(0n, target, position);
  return { kind: 'constant', value: 0n, ...value(target, position) };
}

/** Pointers of one address space can be exchanged: all 40-bit ones are of one. */
export function addressSpace(pointer: PointerType): Memory | 'mem' {
  const memory = pointer.to.memory ?? 'mem';
  if (memory === 'gpr') return 'lmem';
  return isWidePointer(pointer) ? 'mem' : memory;
}

function memoryHint(source: string, wanted: string): string {
  if (wanted === 'mem') return `say in the pointer's declaration where it points: __${source}`;
  if (source === 'xread' || source === 'xwrite') return 'transfer registers have no address: copy the words';
  return `declare the object in __${wanted}`;
}
