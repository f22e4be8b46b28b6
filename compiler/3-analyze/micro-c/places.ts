import type { SourcePosition } from '../../../base/errors.ts';
import type { Expression } from '../../2-parse/micro-c/tree.ts';
import { analyzeExpression, analyzeValue } from './evaluate.ts';
import { pointerAdd } from './operators.ts';
import { rootVariable } from './roots.ts';
import type { Analysis } from './scopes.ts';
import type { TypedExpression } from './typed-tree.ts';
import { describeType, findField, isFunctionPointer, type QualifiedType } from './types.ts';
import { isPoison, object, poison, value } from './values.ts';

/** 6.5.3.2 `*pointer` */
export function dereference(analysis: Analysis, pointer: TypedExpression, position: SourcePosition): TypedExpression {
  const { type } = pointer;
  if (isPoison(pointer)) return pointer;
  if (type.kind !== 'pointer') {
    analysis.diagnostics.error('type-not-a-pointer', position, `${describeType(type)} is no pointer`);
    return poison(position);
  }
  // 6.5.3.2 p4: `*f` is the function again.
  if (type.to.type.kind === 'function') return pointer;
  if (type.to.type.kind === 'void') {
    analysis.diagnostics.error('type-incomplete', position, 'a void pointer points to no object', 'cast it first');
    return poison(position);
  }
  // `*&x` is x, whatever registers it lies in.
  if (pointer.kind === 'address') return pointer.object;
  return { kind: 'dereference', pointer, ...object({ ...type.to, memory: type.to.memory ?? 'mem' }, position) };
}

/**
 * 6.5.2.1 `a[i]` is `*(a + i)`
 * @param forAddress the element one behind the last has an address, and no more (6.5.6 p8)
 */
export function subscript(
  analysis: Analysis,
  expression: Extract<Expression, { kind: 'subscript' }>,
  forAddress = false,
): TypedExpression {
  const { position } = expression;
  const a = analyzeValue(analysis, expression.array);
  const b = analyzeValue(analysis, expression.index);
  if (isPoison(a) || isPoison(b)) return poison(position);
  const [pointer, index] = b.type.kind === 'pointer' ? [b, a] : [a, b];
  if (pointer.type.kind !== 'pointer') {
    analysis.diagnostics.error('type-not-a-pointer', position, `${describeType(pointer.type)} cannot be indexed`);
    return poison(position);
  }
  checkBounds(analysis, pointer, index, forAddress);
  if (pointer.kind === 'decay' && index.kind !== 'constant') {
    const root = rootVariable(pointer.array);
    if (root !== undefined) root.indexed = true;
  }
  return dereference(analysis, pointerAdd(analysis, pointer, index, false, position), position);
}

/** A constant index beyond a named array is surely wrong. */
function checkBounds(analysis: Analysis, pointer: TypedExpression, index: TypedExpression, forAddress: boolean): void {
  if (pointer.kind !== 'decay' || pointer.array.type.kind !== 'array' || index.kind !== 'constant') return;
  const { length, of } = pointer.array.type;
  // An element that is an array itself is an address, too.
  const isAddress = forAddress || of.type.kind === 'array';
  if (length === undefined || (index.value >= 0n && index.value < BigInt(isAddress ? length + 1 : length))) return;
  const text = `index ${index.value} is outside of an array of ${length}`;
  analysis.diagnostics.error('type-index-out-of-bounds', index.position, text);
}

/** 6.5.2.3 `object.name` and `pointer->name` */
export function member(analysis: Analysis, expression: Extract<Expression, { kind: 'member' }>): TypedExpression {
  const { position, name } = expression;
  const operand = expression.arrow
    ? dereference(analysis, analyzeValue(analysis, expression.object), expression.object.position)
    : analyzeExpression(analysis, expression.object);
  const { type } = operand;
  if (type.kind !== 'record') {
    const isPointer = type.kind === 'pointer' && type.to.type.kind === 'record' && !expression.arrow;
    const hint = isPointer ? `use -> with a pointer` : undefined;
    if (!isPoison(operand)) {
      analysis.diagnostics.error('type-not-a-record', position, `${describeType(type)} has no members`, hint);
    }
    return poison(position);
  }
  const path = findField(type, name);
  if (path === undefined) {
    const known = (type.fields ?? []).map((field) => field.name).filter((each) => each !== undefined);
    const hint = known.length === 0 ? undefined : `its members: ${known.slice(0, 8).join(', ')}`;
    analysis.diagnostics.error('name-no-such-member', position, `${describeType(type)} has no member ${name}`, hint);
    return poison(position);
  }
  let found = operand;
  for (const field of path)
    found = { kind: 'field', object: found, field, ...object(inherit(found, field.type), position) };
  return found;
}

/** A member lies where its record lies, and is const if that is. */
function inherit(record: TypedExpression, type: QualifiedType): QualifiedType {
  const outer = record.qualifiers;
  const addressBits = outer?.addressBits;
  return { ...type, memory: outer?.memory, const: type.const || (outer?.const ?? false), addressBits };
}

/** 6.5.3.2 `&object`. A local scalar moves from registers to local memory when its address is taken. */
export function addressOf(analysis: Analysis, operand: TypedExpression, position: SourcePosition): TypedExpression {
  if (isPoison(operand)) return operand;
  if (isFunctionPointer(operand.type) && !operand.lvalue) return operand;
  if (!operand.lvalue || operand.qualifiers === undefined) {
    analysis.diagnostics.error('type-not-an-lvalue', position, 'only an object has an address');
    return poison(position);
  }
  if (operand.kind === 'field' && operand.field.bits !== undefined) {
    analysis.diagnostics.error('type-bit-field-address', position, `bit-field ${operand.field.name} has no address`);
    return poison(position);
  }
  if (operand.kind === 'dereference') return operand.pointer;
  const root = rootVariable(operand);
  if (root !== undefined && root.memory === 'gpr') {
    root.memory = 'lmem';
    root.assignments++;
  } else if (root !== undefined) {
    root.assignments++;
  }
  const memory = root?.memory ?? operand.qualifiers.memory;
  return {
    kind: 'address',
    object: operand,
    ...value({ kind: 'pointer', to: { ...operand.qualifiers, memory } }, position),
  };
}
