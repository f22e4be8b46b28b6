import type { SourcePosition } from '../../../base/errors.ts';
import { convertFixed, fixedToInteger } from './fixed-point.ts';
import { mayLoseBits } from './narrowing.ts';
import { rootVariable } from './roots.ts';
import type { Analysis } from './scopes.ts';
import type { TypedExpression, Variable } from './typed-tree.ts';
import {
  describeType,
  INT,
  type IntegerType,
  isFixed,
  isFunctionPointer,
  isInteger,
  isWidePointer,
  type Memory,
  type PointerType,
  sameButSign,
  sameType,
  type Type,
  UNSIGNED,
  UNSIGNED_64,
} from './types.ts';
import { constantOf, convertInteger, isNull, isPoison, value } from './values.ts';

/** 6.3.2.1: arrays become pointers; everything else keeps its type and counts as a value. */
export function rvalue(expression: TypedExpression): TypedExpression {
  if (expression.kind === 'field' && expression.field.bits !== undefined) return promotedBitField(expression);
  if (expression.type.kind !== 'array') return expression;
  const memory = expression.qualifiers?.memory ?? expression.type.of.memory;
  const to = { ...expression.type.of, memory, addressBits: expression.qualifiers?.addressBits };
  return { kind: 'decay', array: expression, ...value({ kind: 'pointer', to }, expression.position) };
}

/** 6.3.1.1 p2: a bit-field all of whose values are values of `int` becomes `int`. */
function promotedBitField(field: Extract<TypedExpression, { kind: 'field' }>): TypedExpression {
  const { type, position } = field;
  const width = field.field.bits?.width ?? 32;
  if (type.kind !== 'integer' || type.signed || type.bits !== 32 || width >= 32) return field;
  return { kind: 'convert', operand: field, ...value(INT, position) };
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
    if (from.kind === 'fixed') return fixedToInteger(operand, target);
    if (from.kind === 'integer') {
      if (why !== 'cast') warnTruncation(analysis, operand, target, position);
      return convertInteger(operand, target);
    }
    if (from.kind === 'pointer') {
      if (target.boolean) return { kind: 'convert', operand, ...value(target, position) };
      if (why === 'cast') {
        if (addressSpace(from) === 'lmem') moveToFrame(analysis, operand);
        return { kind: 'convert', operand, ...value(target, position) };
      }
      return refuse(analysis, operand, target, position, why, 'write a cast if the address itself is meant');
    }
  }
  if (target.kind === 'pointer') {
    if (from.kind === 'pointer') return convertPointer(analysis, operand, from, target, position, why);
    if (from.kind === 'integer' && (isNull(operand) || why === 'cast')) {
      if (isFunctionPointer(target) || operand.kind === 'constant') return nullPointer(operand, target, position);
      const address = convertInteger(operand, isWidePointer(target) ? UNSIGNED_64 : UNSIGNED);
      return { kind: 'convert', operand: address, ...value(target, position) };
    }
  }
  if (isFixed(target) && (isInteger(from) || isFixed(from))) return convertFixed(analysis, operand, target);
  if (target.kind === 'record' && sameType(target, from)) return operand;
  if (target.kind === 'void' && why === 'return') return { kind: 'convert', operand, ...value(target, position) };
  return refuse(analysis, operand, target, position, why, undefined);
}

function nullPointer(operand: TypedExpression, target: PointerType, position: SourcePosition): TypedExpression {
  if (operand.kind === 'constant') return { kind: 'constant', value: operand.value, ...value(target, position) };
  return { kind: 'convert', operand: convertInteger(operand, UNSIGNED), ...value(target, position) };
}

/** A constant that neither sign of the type can hold loses bits. */
function warnTruncation(
  analysis: Analysis,
  operand: TypedExpression,
  target: IntegerType,
  position: SourcePosition,
): void {
  if (operand.kind !== 'constant') {
    if (!analysis.warnsOfConversions || !mayLoseBits(operand, target)) return;
    const lost = `${describeType(operand.type)} becomes ${describeType(target)}, and may lose bits`;
    analysis.diagnostics.warning('conversion', position, lost, 'write a cast, or mask it, if this is meant');
    return;
  }
  if (target.boolean) return;
  const limit = 1n << BigInt(target.bits);
  if (operand.value < limit && operand.value >= -(limit / 2n)) return;
  const kept = convertInteger(operand, target);
  const text = `${operand.value} does not fit into ${describeType(target)}`;
  const left = kept.kind === 'constant' ? `it becomes ${kept.value}; write a cast if this is meant` : undefined;
  analysis.diagnostics.warning('constant-truncated', position, text, left);
}

/** The named objects that a pointer into local memory is made from. */
function pointedTo(pointer: TypedExpression): Variable[] {
  switch (pointer.kind) {
    case 'address':
      return [rootVariable(pointer.object)].filter((each) => each !== undefined);
    case 'decay':
      return [rootVariable(pointer.array)].filter((each) => each !== undefined);
    case 'pointer-add':
      return pointedTo(pointer.pointer);
    case 'convert':
      return pointedTo(pointer.operand);
    case 'comma':
      return pointedTo(pointer.right);
    case 'conditional': {
      const then = pointedTo(pointer.then);
      const otherwise = pointedTo(pointer.otherwise);
      return then.length === 0 || otherwise.length === 0 ? [] : [...then, ...otherwise];
    }
    default:
      return [];
  }
}

/**
 * A plain pointer is a 40-bit address, which no object in local memory has. So the objects that this one is made from
 * are moved where they have one; the function's body is analysed again with them there.
 * @returns whether that could be done: not when the program says where the object lies
 */
export function moveToFrame(analysis: Analysis, pointer: TypedExpression): boolean {
  const roots = pointedTo(pointer);
  if (roots.length === 0) return false;
  for (const { storage, type, declarator } of roots) {
    if (storage === 'global' || type.memory !== undefined) return false;
    analysis.framed.add(declarator);
  }
  return true;
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
  if (isFunctionPointer(from) !== isFunctionPointer(target)) {
    if (why === 'cast' && !isFunctionPointer(target)) return { kind: 'convert', operand, ...value(target, position) };
    return refuse(analysis, operand, target, position, why, 'a pointer to a function is no address of an object');
  }
  if (source !== wanted) {
    // The own island's CTM has 40-bit addresses, too.
    if (source === 'ctm' && wanted === 'mem') return { kind: 'convert', operand, ...value(target, position) };
    if (source === 'lmem' && wanted === 'mem' && moveToFrame(analysis, operand)) return placeholder(target, position);
    const text = `a pointer into ${source} cannot become one into ${wanted}`;
    analysis.diagnostics.error('type-other-memory', position, text, memoryHint(source, wanted));
    return placeholder(target, position);
  }
  if (why !== 'cast') {
    const compatible =
      sameType(from.to.type, target.to.type) || from.to.type.kind === 'void' || target.to.type.kind === 'void';
    if (!compatible) {
      if (!sameButSign(from.to.type, target.to.type)) {
        return refuse(analysis, operand, target, position, why, 'write a cast if this is meant');
      }
      const text = `${describeType(from)} becomes ${describeType(target)}: the sign differs`;
      analysis.diagnostics.warning('pointer-sign', position, text, 'write a cast if this is meant');
    }
    if (from.to.const && !target.to.const) {
      const text = `${describeType(target)} would allow writing to a const object`;
      analysis.diagnostics.warning('pointer-loses-const', position, text, 'the NIC stops a program that writes there');
    }
  }
  if (sameType(from, target) && from.to.memory === target.to.memory) return operand;
  if (operand.kind === 'constant') return { ...operand, ...value(target, position) };
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

export function placeholder(target: Type, position: SourcePosition): TypedExpression {
  if (target.kind === 'integer') return constantOf(0n, target, position);
  return { kind: 'constant', value: 0n, ...value(target, position) };
}

/** Pointers of one address space can be exchanged: all 40-bit ones are of one. */
export function addressSpace(pointer: PointerType): Memory | 'mem' | 'code' {
  if (isFunctionPointer(pointer)) return 'code';
  const memory = pointer.to.memory ?? 'mem';
  if (memory === 'gpr') return 'lmem';
  return isWidePointer(pointer) ? 'mem' : memory;
}

function memoryHint(source: string, wanted: string): string {
  if (source === 'mem' && wanted === 'lmem') {
    return 'a plain pointer to the object is taken elsewhere: declare the object or the other pointers __lmem';
  }
  if (wanted === 'mem') return `say in the pointer's declaration where it points: __${source}`;
  if (source === 'xread' || source === 'xwrite') return 'transfer registers have no address: copy the words';
  return `declare the object in __${wanted}`;
}
