import type { SourcePosition } from '../../../base/errors.ts';
import { parseStringLiteral } from '../../1-preprocess/constants.ts';
import type { Designator, Initializer, InitializerItem } from '../../2-parse/micro-c/tree.ts';
import { convertTo } from './conversions.ts';
import { analyzeConstant, analyzeValue } from './evaluate.ts';
import { rootVariable } from './roots.ts';
import type { Analysis } from './scopes.ts';
import type { InitialAddress, LocalInitial, TypedExpression, Variable } from './typed-tree.ts';
import {
  type ArrayType,
  describeType,
  type Field,
  findField,
  INT,
  isWidePointer,
  MAX_OBJECT_OCTETS,
  type QualifiedType,
  type RecordType,
  sameType,
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
  /** Designators of the next item that have led to where its value goes. */
  depth: number;
}

function designatorAt({ items, next, depth }: Cursor): Designator | undefined {
  return items[next]?.designators[depth];
}

function advance(cursor: Cursor): void {
  cursor.next++;
  cursor.depth = 0;
}

export function analyzeInitializer(analysis: Analysis, variable: Variable, initializer: Initializer): Initialization {
  const stores: LocalInitial[] = [];
  let longest = 0;
  const whole: TypedExpression = {
    kind: 'variable',
    variable,
    ...object({ ...variable.type, memory: variable.memory }, initializer.position),
  };
  /** An item is looked at before it is known whether it starts an aggregate or its first member. */
  const values = new Map<Initializer, TypedExpression>();
  const analyzedValue = (from: Extract<Initializer, { kind: 'expression' }>): TypedExpression => {
    const known = values.get(from) ?? analyzeValue(analysis, from.expression);
    values.set(from, known);
    return known;
  };

  /** An object from an initializer of its own: an expression, or a list in braces. */
  function initialize(target: TypedExpression, from: Initializer): void {
    const { type } = target;
    if (from.kind === 'expression') {
      const { expression } = from;
      const text = expression.kind === 'string' && type.kind === 'array' ? expression.texts : undefined;
      if (text !== undefined) storeString(target, text, from.position);
      else if (type.kind === 'array' && expression.kind === 'compound-literal')
        initialize(target, expression.initializer);
      else if (type.kind === 'array') {
        analysis.diagnostics.error('type-bad-initializer', from.position, 'an array needs a list in braces');
      } else {
        storeScalar(target, analyzedValue(from), from.position);
      }
      return;
    }
    const cursor: Cursor = { items: from.items, next: 0, depth: 0 };
    if (type.kind === 'array' && from.items.length === 1 && isString(from.items[0])) {
      initialize(target, (from.items[0] as InitializerItem).initializer);
      return;
    }
    if (type.kind === 'array') elements(target, type, cursor, true, false);
    else if (type.kind === 'record') members(target, type, cursor, true, false);
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
    const before = cursor.next;
    const inner = designatorAt(cursor) !== undefined;
    const bare = item.initializer.kind === 'expression' && !(isString(item) && isOctets(type));
    if ((bare || inner) && type.kind === 'array') elements(target, type, cursor, false, inner);
    else if ((bare || inner) && type.kind === 'record' && (inner || !isWhole(item.initializer, type))) {
      members(target, type, cursor, false, inner);
    } else if (inner) {
      noSuchPart(item, type);
      advance(cursor);
    } else {
      advance(cursor);
      initialize(target, item.initializer);
    }
    if (cursor.next > before) return;
    const text = `${describeType(type)} has no member for a value`;
    analysis.diagnostics.error('type-bad-initializer', item.initializer.position, text);
    advance(cursor);
  }

  /** 6.7.8 p13: a structure's value initialises the whole structure. */
  function isWhole(from: Initializer, type: RecordType): boolean {
    return from.kind === 'expression' && sameType(analyzedValue(from).type, type);
  }

  function noSuchPart(item: InitializerItem, type: Type): void {
    const { position } = item.designators.at(-1) ?? item.initializer;
    analysis.diagnostics.error('type-bad-initializer', position, `no such part of ${describeType(type)}`);
  }

  /** @param designated the next item's designators lead into this array */
  function elements(
    target: TypedExpression,
    type: ArrayType,
    cursor: Cursor,
    ownBraces: boolean,
    designated: boolean,
  ): void {
    let index = 0;
    let forced = designated;
    while (cursor.next < cursor.items.length) {
      const item = cursor.items[cursor.next] as InitializerItem;
      const designator = designatorAt(cursor);
      let last = index;
      if (designator !== undefined) {
        if (!ownBraces && !forced) return;
        if (designator.kind !== 'index') {
          const text = 'this designator does not fit an array';
          analysis.diagnostics.error('type-bad-initializer', designator.position, text);
          advance(cursor);
          continue;
        }
        index = Number(analyzeConstant(analysis, designator.index, 'index') ?? 0n);
        last = designator.to === undefined ? index : Number(analyzeConstant(analysis, designator.to, 'index') ?? 0n);
        cursor.depth++;
      }
      forced = false;
      if (index < 0 || last < index || last >= (type.length ?? MAX_OBJECT_OCTETS / (sizeOf(type.of.type) ?? 1))) {
        if (designator === undefined) return;
        const text = `index ${last < index ? last : index < 0 ? index : last} is outside of the array`;
        analysis.diagnostics.error('type-index-out-of-bounds', designator.position, text);
        advance(cursor);
        continue;
      }
      const { next, depth } = cursor;
      for (; index <= last; index++) {
        cursor.next = next;
        cursor.depth = depth;
        part(element(target, type, index, item.initializer.position), cursor);
      }
      if (target === whole) longest = Math.max(longest, index);
    }
  }

  /** @param designated the next item's designators lead into this record */
  function members(
    target: TypedExpression,
    type: RecordType,
    cursor: Cursor,
    ownBraces: boolean,
    designated: boolean,
  ): void {
    const fields = type.fields ?? [];
    let at = 0;
    let forced = designated;
    while (cursor.next < cursor.items.length) {
      const item = cursor.items[cursor.next] as InitializerItem;
      const designator = designatorAt(cursor);
      let through = false;
      if (designator !== undefined) {
        if (!ownBraces && !forced) return;
        const path = designator.kind === 'member' ? findField(type, designator.name) : undefined;
        if (path === undefined) {
          const text = `no such member of ${describeType(type)}`;
          analysis.diagnostics.error('type-bad-initializer', designator.position, text);
          advance(cursor);
          continue;
        }
        at = fields.indexOf(path[0] as Field);
        // A member of an anonymous one: that is a part on the way, which nobody named.
        through = path.length > 1;
        if (!through) cursor.depth++;
      }
      forced = false;
      const field = fields[at];
      if (field === undefined) return;
      const { position } = item.initializer;
      const place: TypedExpression = {
        kind: 'field',
        object: target,
        field,
        ...object({ ...field.type, memory: variable.memory }, position),
      };
      if (through && field.type.type.kind === 'record') members(place, field.type.type, cursor, false, true);
      else part(place, cursor);
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

/** A string is the value of an array of octets; for anything else it is a pointer. */
function isOctets(type: Type): boolean {
  return type.kind === 'array' && type.of.type.kind === 'integer' && type.of.type.bits === 8;
}

export interface StaticOctets {
  readonly octets: Uint8Array;
  readonly addresses: readonly InitialAddress[];
}

/** The octets of an object with static storage (6.7.8 p4: constants and addresses only), big-endian. */
export function staticOctets(
  analysis: Analysis,
  { stores, type }: Initialization,
  position: SourcePosition,
): StaticOctets {
  const total = sizeOf(type.type) ?? 0;
  if (total > MAX_OBJECT_OCTETS) {
    const text = `an object of ${total} octets with initial values; at most ${MAX_OBJECT_OCTETS} are possible`;
    analysis.diagnostics.error('type-too-large', position, text);
    return { octets: new Uint8Array(0), addresses: [] };
  }
  const octets = new Uint8Array(total);
  const addresses: InitialAddress[] = [];
  for (const { target, value: stored } of stores) {
    const offset = staticOffset(target);
    const size = sizeOf(target.type) ?? 0;
    const address = offset === undefined ? undefined : staticAddress(stored, target.type);
    if (offset !== undefined && address !== undefined) {
      const known = addresses.findIndex(({ octet }) => octet === offset);
      if (known >= 0) addresses.splice(known, 1);
      addresses.push({ ...address, octet: offset });
      continue;
    }
    const copied = copiedObject(stored);
    if (offset !== undefined && copied !== undefined) {
      octets.set(copied.initial ?? new Uint8Array(size), offset);
      for (const each of copied.addresses) addresses.push({ ...each, octet: each.octet + offset });
      continue;
    }
    if (stored.kind !== 'constant' || offset === undefined) {
      const text = 'an object with static storage needs constant values';
      const hint =
        stored.type.kind === 'pointer'
          ? 'constants, and addresses of objects in the memories of the NIC: set it when running'
          : undefined;
      analysis.diagnostics.error('type-not-constant', stored.position ?? position, text, hint);
      continue;
    }
    putConstant(octets, offset, target, stored.value);
  }
  return { octets, addresses };
}

function putConstant(octets: Uint8Array, offset: number, target: TypedExpression, stored: bigint): void {
  const size = sizeOf(target.type) ?? 0;
  const bits = target.kind === 'field' ? target.field.bits : undefined;
  let unit = 0n;
  for (let i = 0; i < size; i++) unit = (unit << 8n) | BigInt(octets[offset + i] ?? 0);
  if (bits === undefined) unit = BigInt.asUintN(size * 8, stored);
  else {
    const mask = (1n << BigInt(bits.width)) - 1n;
    unit &= ~(mask << BigInt(bits.shift));
    unit |= BigInt.asUintN(bits.width, stored) << BigInt(bits.shift);
  }
  for (let i = 0; i < size; i++) octets[offset + i] = Number((unit >> BigInt(8 * (size - 1 - i))) & 0xffn);
}

/** The constants among the values of a local's initializer, in their places; undefined when that is too much. */
export function constantOctets({ stores, type }: Initialization): Uint8Array | undefined {
  const total = sizeOf(type.type) ?? 0;
  if (total > TEMPLATE_OCTETS_MAX) return undefined;
  const octets = new Uint8Array(total);
  for (const { target, value: stored } of stores) {
    const offset = staticOffset(target);
    if (stored.kind === 'constant' && offset !== undefined) putConstant(octets, offset, target, stored.value);
  }
  return octets;
}

const TEMPLATE_OCTETS_MAX = 64 * 1024;

/** A file's compound literal as the value of a structure. */
function copiedObject(stored: TypedExpression): Variable | undefined {
  if (stored.kind !== 'variable' || stored.type.kind !== 'record' || stored.variable.name !== 'literal')
    return undefined;
  return stored.variable;
}

/** 6.6 p9, address constants: an object with static storage and how far into it. */
function staticAddress(stored: TypedExpression, type: Type): Omit<InitialAddress, 'octet'> | undefined {
  if (type.kind !== 'pointer') return undefined;
  const octets = isWidePointer(type) ? 8 : 4;
  let offset = 0;
  let at = stored;
  for (;;) {
    if (at.kind === 'convert' && at.operand.type.kind === 'pointer') at = at.operand;
    else if (at.kind === 'pointer-add' && at.index.kind === 'constant') {
      const distance = Number(BigInt.asIntN(32, at.index.value)) * at.octets;
      offset += at.subtract ? -distance : distance;
      at = at.pointer;
    } else break;
  }
  const place = at.kind === 'address' ? at.object : at.kind === 'decay' ? at.array : undefined;
  if (place === undefined) return undefined;
  if (place.kind === 'string') return { target: { string: place.octets }, offset, octets };
  const target = rootVariable(place);
  const inside = staticOffset(place);
  if (target?.storage !== 'global' || inside === undefined || PER_CONTEXT.includes(target.memory)) return undefined;
  return { target, offset: offset + inside, octets };
}

const PER_CONTEXT: readonly string[] = ['gpr', 'lmem', 'xread', 'xwrite', 'xrw'];

/** Octets from the start of the variable to an element or member that an initializer names. */
function staticOffset(target: TypedExpression): number | undefined {
  if (target.kind === 'variable') return 0;
  if (target.kind === 'field') {
    const outer = staticOffset(target.object);
    return outer === undefined ? undefined : outer + target.field.offsetOctets;
  }
  if (target.kind === 'dereference' && target.pointer.kind === 'decay') return staticOffset(target.pointer.array);
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
