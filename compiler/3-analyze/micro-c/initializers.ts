import type { SourcePosition } from '../../../base/errors.ts';
import { parseStringLiteral } from '../../1-preprocess/constants.ts';
import type { Initializer, InitializerItem } from '../../2-parse/micro-c/tree.ts';
import { convertTo } from './conversions.ts';
import { analyzeConstant, analyzeValue } from './evaluate.ts';
import type { Analysis } from './scopes.ts';
import type { LocalInitial, TypedExpression, Variable } from './typed-tree.ts';
import {
  type ArrayType,
  describeType,
  findField,
  INT,
  MAX_OBJECT_OCTETS,
  type QualifiedType,
  type RecordType,
  sizeOf,
  type Type,
} from './types.ts';
import { constantOf, object, value } from './values.ts';

/** 6.7.8: what an initializer stores, scalar by scalar, and the length it gives to an array of unknown length. */
export interface Initialization {
  readonly stores: readonly LocalInitial[];
  readonly type: QualifiedType;
}

/** Takes the items of a brace-enclosed list one after the other; nested aggregates without braces share it. */
interface Cursor {
  readonly items: readonly InitializerItem[];
  next: number;
  /** The item whose designator has led to where its value goes; for the parts in there it is an item like others. */
  placed: number;
}

function designatorAt({ items, next, placed }: Cursor): InitializerItem['designators'][number] | undefined {
  return next === placed ? undefined : items[next]?.designators[0];
}

export function analyzeInitializer(analysis: Analysis, variable: Variable, initializer: Initializer): Initialization {
  const stores: LocalInitial[] = [];
  let longest = 0;
  const whole: TypedExpression = {
    kind: 'variable',
    variable,
    ...object({ ...variable.type, memory: variable.memory }, initializer.position),
  };

  /** An object from an initializer of its own: an expression, or a list in braces. */
  function initialize(target: TypedExpression, from: Initializer): void {
    const { type } = target;
    if (from.kind === 'expression') {
      const { expression } = from;
      const text = expression.kind === 'string' && type.kind === 'array' ? expression.texts : undefined;
      if (text !== undefined) storeString(target, text, from.position);
      else if (type.kind === 'array') {
        analysis.diagnostics.error('type-bad-initializer', from.position, 'an array needs a list in braces');
      } else {
        storeScalar(target, analyzeValue(analysis, expression), from.position);
      }
      return;
    }
    const cursor: Cursor = { items: from.items, next: 0, placed: -1 };
    if (type.kind === 'array' && from.items.length === 1 && isString(from.items[0])) {
      initialize(target, (from.items[0] as InitializerItem).initializer);
      return;
    }
    if (type.kind === 'array') elements(target, type, cursor, true);
    else if (type.kind === 'record') members(target, type, cursor, true);
    else if (from.items.length === 1) initialize(target, (from.items[0] as InitializerItem).initializer);
    else {
      const text = `${describeType(type)} takes one value, ${from.items.length} given`;
      analysis.diagnostics.error('type-bad-initializer', from.position, text);
      return;
    }
    const left = cursor.items[cursor.next];
    if (left !== undefined && (type.kind === 'array' || type.kind === 'record')) {
      analysis.diagnostics.error(
        'type-excess-initializer',
        left.initializer.position,
        `too many values for ${describeType(type)}`,
      );
    }
  }

  /** The next item for a part of an aggregate; a part that is an aggregate itself may go without braces (6.7.8 p20). */
  function part(target: TypedExpression, cursor: Cursor): void {
    const item = cursor.items[cursor.next] as InitializerItem;
    const { type } = target;
    const bare = item.initializer.kind === 'expression' && !isString(item);
    const before = cursor.next;
    if (bare && type.kind === 'array') elements(target, type, cursor, false);
    else if (bare && type.kind === 'record') members(target, type, cursor, false);
    else {
      cursor.next++;
      initialize(target, item.initializer);
    }
    if (cursor.next > before) return;
    const text = `${describeType(type)} has no member for a value`;
    analysis.diagnostics.error('type-bad-initializer', item.initializer.position, text);
    cursor.next++;
  }

  function elements(target: TypedExpression, type: ArrayType, cursor: Cursor, ownBraces: boolean): void {
    let index = 0;
    while (cursor.next < cursor.items.length) {
      const item = cursor.items[cursor.next] as InitializerItem;
      const designator = designatorAt(cursor);
      if (designator !== undefined) {
        if (!ownBraces) return;
        if (designator.kind !== 'index' || item.designators.length > 1) {
          analysis.diagnostics.error(
            'type-bad-initializer',
            designator.position,
            'this designator does not fit an array',
          );
          cursor.next++;
          continue;
        }
        index = Number(analyzeConstant(analysis, designator.index, 'index') ?? 0n);
        cursor.placed = cursor.next;
      }
      if (index < 0 || index >= (type.length ?? MAX_OBJECT_OCTETS / (sizeOf(type.of.type) ?? 1))) {
        if (designator === undefined) return;
        analysis.diagnostics.error(
          'type-index-out-of-bounds',
          designator.position,
          `index ${index} is outside of the array`,
        );
        cursor.next++;
        continue;
      }
      part(element(target, type, index, item.initializer.position), cursor);
      index++;
      if (target === whole) longest = Math.max(longest, index);
    }
  }

  function members(target: TypedExpression, type: RecordType, cursor: Cursor, ownBraces: boolean): void {
    const fields = type.fields ?? [];
    let at = 0;
    while (cursor.next < cursor.items.length) {
      const item = cursor.items[cursor.next] as InitializerItem;
      const designator = designatorAt(cursor);
      if (designator !== undefined) {
        if (!ownBraces) return;
        const path = designator.kind === 'member' ? findField(type, designator.name) : undefined;
        if (path === undefined || path.length > 1 || item.designators.length > 1) {
          analysis.diagnostics.error(
            'type-bad-initializer',
            designator.position,
            `no such member of ${describeType(type)}`,
          );
          cursor.next++;
          continue;
        }
        at = fields.indexOf(path[0] as (typeof fields)[number]);
        cursor.placed = cursor.next;
      }
      const field = fields[at];
      if (field === undefined) return;
      const { position } = item.initializer;
      part(
        { kind: 'field', object: target, field, ...object({ ...field.type, memory: variable.memory }, position) },
        cursor,
      );
      // Only the first member of a union is initialised in order.
      at = type.union ? fields.length : at + 1;
    }
  }

  function element(target: TypedExpression, type: ArrayType, index: number, position: SourcePosition): TypedExpression {
    const to = { ...type.of, memory: variable.memory, addressBits: target.qualifiers?.addressBits };
    const start: TypedExpression = { kind: 'decay', array: target, ...value({ kind: 'pointer', to }, position) };
    const pointer: TypedExpression = {
      kind: 'pointer-add',
      pointer: start,
      index: constantOf(BigInt(index), INT, position),
      octets: sizeOf(type.of.type) ?? 1,
      subtract: false,
      ...value(start.type, position),
    };
    return { kind: 'dereference', pointer, ...object(to, position) };
  }

  function storeScalar(target: TypedExpression, given: TypedExpression, position: SourcePosition): void {
    stores.push({ target, value: convertTo(analysis, given, target.type, position, 'initializer') });
  }

  function storeString(target: TypedExpression, texts: readonly string[], position: SourcePosition): void {
    const { type } = target;
    if (type.kind !== 'array' || type.of.type.kind !== 'integer' || type.of.type.bits !== 8) {
      analysis.diagnostics.error('type-bad-initializer', position, `a string cannot initialise ${describeType(type)}`);
      return;
    }
    const octets: number[] = [];
    for (const text of texts) octets.push(...(parseStringLiteral(text) ?? []));
    const length = type.length ?? octets.length + 1;
    if (octets.length > length) {
      analysis.diagnostics.error(
        'type-excess-initializer',
        position,
        `a string of ${octets.length} octets for ${length}`,
      );
    }
    if (target === whole) longest = length;
    const elementType = type.of.type;
    octets.slice(0, length).forEach((octet, index) => {
      const stored = constantOf(BigInt(octet), elementType, position);
      stores.push({ target: element(target, type, index, position), value: stored });
    });
  }

  initialize(whole, initializer);
  const { type } = variable.type;
  const completed: Type =
    type.kind === 'array' && type.length === undefined ? { ...type, length: Math.max(longest, 1) } : type;
  return { stores, type: { ...variable.type, type: completed } };
}

function isString(item: InitializerItem | undefined): boolean {
  return item?.initializer.kind === 'expression' && item.initializer.expression.kind === 'string';
}

/**
 * The octets of an object with static storage (6.7.8 p4: constants only), big-endian.
 */
export function staticOctets(
  analysis: Analysis,
  { stores, type }: Initialization,
  position: SourcePosition,
): Uint8Array {
  const total = sizeOf(type.type) ?? 0;
  if (total > MAX_OBJECT_OCTETS) {
    const text = `an object of ${total} octets with initial values; at most ${MAX_OBJECT_OCTETS} are possible`;
    analysis.diagnostics.error('type-too-large', position, text);
    return new Uint8Array(0);
  }
  const octets = new Uint8Array(total);
  for (const { target, value: stored } of stores) {
    const offset = staticOffset(target);
    const size = sizeOf(target.type) ?? 0;
    if (stored.kind !== 'constant' || offset === undefined) {
      const text = 'an object with static storage needs constant values';
      const hint = stored.type.kind === 'pointer' ? 'addresses are not supported here: set it when running' : undefined;
      analysis.diagnostics.error('type-not-constant', stored.position ?? position, text, hint);
      continue;
    }
    const bits = target.kind === 'field' ? target.field.bits : undefined;
    let unit = 0n;
    for (let i = 0; i < size; i++) unit = (unit << 8n) | BigInt(octets[offset + i] ?? 0);
    if (bits === undefined) unit = BigInt.asUintN(size * 8, stored.value);
    else unit |= BigInt.asUintN(bits.width, stored.value) << BigInt(bits.shift);
    for (let i = 0; i < size; i++) octets[offset + i] = Number((unit >> BigInt(8 * (size - 1 - i))) & 0xffn);
  }
  return octets;
}

/** Octets from the start of the variable to an element or member that an initializer names. */
function staticOffset(target: TypedExpression): number | undefined {
  if (target.kind === 'variable') return 0;
  if (target.kind === 'field') {
    const outer = staticOffset(target.object);
    return outer === undefined ? undefined : outer + target.field.offsetOctets;
  }
  if (
    target.kind === 'dereference' &&
    target.pointer.kind === 'pointer-add' &&
    target.pointer.pointer.kind === 'decay'
  ) {
    const outer = staticOffset(target.pointer.pointer.array);
    const { index, octets } = target.pointer;
    return outer === undefined || index.kind !== 'constant' ? undefined : outer + Number(index.value) * octets;
  }
  return undefined;
}
