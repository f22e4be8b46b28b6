import type { SourcePosition } from '../../../base/errors.ts';
import type { MemoryQualifier } from '../../2-parse/micro-c/tree.ts';

/**
 * Types of Micro-C on this NIC: `char` 8 bits and signed, `short` 16, `int` and `long` 32, `long long` 64, big-endian.
 * Pointers are 32 bits wide, or 64 when they point into memory that needs a 40-bit address.
 */
export type Type = VoidType | IntegerType | FixedType | PointerType | ArrayType | RecordType | FunctionType;

export interface VoidType {
  readonly kind: 'void';
}

export interface IntegerType {
  readonly kind: 'integer';
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
  /** `_Bool`: conversion to it compares with zero. */
  readonly boolean: boolean;
}

/** `float` and `double` of a lowered program: a signed number whose last `fraction` bits lie behind the point. */
export interface FixedType {
  readonly kind: 'fixed';
  readonly bits: 32 | 64;
  readonly signed: true;
  readonly fraction: 16 | 32;
}

export interface PointerType {
  readonly kind: 'pointer';
  readonly to: QualifiedType;
}

export interface ArrayType {
  readonly kind: 'array';
  readonly of: QualifiedType;
  /** Absent: `[]`, completed by an initializer. */
  readonly length: number | undefined;
}

export interface RecordType {
  readonly kind: 'record';
  readonly union: boolean;
  readonly tag: string;
  /** Absent until the record is complete. */
  fields: readonly Field[] | undefined;
  octets: number;
  align: number;
}

export interface FunctionType {
  readonly kind: 'function';
  readonly result: QualifiedType;
  readonly parameters: readonly QualifiedType[];
}

export interface Field {
  /** Absent for an anonymous struct or union, whose members count as the outer one's. */
  readonly name: string | undefined;
  readonly position: SourcePosition;
  readonly type: QualifiedType;
  /** From the start of the record; of the unit that holds it, for a bit-field. */
  readonly offsetOctets: number;
  /** `shift` counts from the least significant bit of the unit. */
  readonly bits: BitField | undefined;
  /** The record is packed: the field may begin at any octet. */
  readonly packed: boolean;
}

export interface BitField {
  readonly shift: number;
  readonly width: number;
}

/** Where something lies: one of the NIC's memories, or the core's registers. */
export type Memory = 'lmem' | 'cls' | 'ctm' | 'imem' | 'emem' | 'mem' | 'gpr' | 'xread' | 'xwrite' | 'xrw';

export interface QualifiedType {
  readonly type: Type;
  readonly const: boolean;
  readonly volatile: boolean;
  /** Absent: not said, so the rule of the declaration decides. */
  readonly memory: MemoryQualifier | undefined;
  readonly addressBits: 32 | 40 | undefined;
}

export const VOID: VoidType = { kind: 'void' };
const integer = (bits: 8 | 16 | 32 | 64, signed: boolean): IntegerType => ({
  kind: 'integer',
  bits,
  signed,
  boolean: false,
});
export const SIGNED_8 = integer(8, true);
export const UNSIGNED_8 = integer(8, false);
export const SIGNED_16 = integer(16, true);
export const UNSIGNED_16 = integer(16, false);
export const INT = integer(32, true);
export const UNSIGNED = integer(32, false);
export const SIGNED_64 = integer(64, true);
export const UNSIGNED_64 = integer(64, false);
export const BOOLEAN: IntegerType = { kind: 'integer', bits: 8, signed: false, boolean: true };

export const FLOAT: FixedType = { kind: 'fixed', bits: 32, signed: true, fraction: 16 };
export const DOUBLE: FixedType = { kind: 'fixed', bits: 64, signed: true, fraction: 32 };

/** Type of what was wrong and is reported already: nothing more is said about it. */
export const UNKNOWN: IntegerType = integer(32, true);

export function plain(type: Type): QualifiedType {
  return { type, const: false, volatile: false, memory: undefined, addressBits: undefined };
}

export function isInteger(type: Type): type is IntegerType {
  return type.kind === 'integer';
}

export function isFixed(type: Type): type is FixedType {
  return type.kind === 'fixed';
}

/** 6.2.5: what a condition or `!` accepts. */
export function isScalar(type: Type): boolean {
  return type.kind === 'integer' || type.kind === 'pointer' || type.kind === 'fixed';
}

/** A pointer to a function is the function's number, one word; 0 is none. */
export function isFunctionPointer(type: Type): type is PointerType & { readonly to: { readonly type: FunctionType } } {
  return type.kind === 'pointer' && type.to.type.kind === 'function';
}

/** Memories whose addresses do not fit into 32 bits. */
export function isWidePointer(pointer: PointerType): boolean {
  const { memory, addressBits } = pointer.to;
  if (pointer.to.type.kind === 'function') return false;
  if (addressBits !== undefined) return addressBits === 40;
  const effective = memory ?? 'mem';
  return effective === 'mem' || effective === 'emem' || effective === 'imem';
}

/** More than any memory of the NIC that a program's objects lie in; sizes up to here are exact numbers. */
export const MAX_OBJECT_OCTETS = 2 ** 28;

/** Octets of an object of the type; undefined when it is incomplete or a function. */
export function sizeOf(type: Type): number | undefined {
  switch (type.kind) {
    case 'integer':
    case 'fixed':
      return type.bits / 8;
    case 'pointer':
      return isWidePointer(type) ? 8 : 4;
    case 'array': {
      const element = sizeOf(type.of.type);
      return element === undefined || type.length === undefined ? undefined : element * type.length;
    }
    case 'record':
      return type.fields === undefined ? undefined : type.octets;
    default:
      return undefined;
  }
}

export function alignOf(type: Type): number {
  switch (type.kind) {
    case 'array':
      return alignOf(type.of.type);
    case 'record':
      return type.align;
    case 'integer':
    case 'fixed':
      return type.bits / 8;
    // A 40-bit address is two words; nothing moves it as one.
    case 'pointer':
      return 4;
    default:
      return 1;
  }
}

/** 6.3.1.1 integer promotions: everything below `int` becomes `int`. */
export function promote(type: IntegerType): IntegerType {
  return type.bits < 32 ? INT : type;
}

/** 6.2.5: the signed and the unsigned type of one width are the same as far as storage goes. */
export function sameButSign(a: Type, b: Type): boolean {
  return a.kind === 'integer' && b.kind === 'integer' && a.bits === b.bits && a.boolean === b.boolean;
}

/** 6.3.1.8 usual arithmetic conversions */
export function commonType(left: IntegerType, right: IntegerType): IntegerType {
  const a = promote(left);
  const b = promote(right);
  if (a.bits !== b.bits) return a.bits > b.bits ? a : b;
  return a.signed ? b : a;
}

export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.kind === 'integer' && b.kind === 'integer') {
    return a.bits === b.bits && a.signed === b.signed && a.boolean === b.boolean;
  }
  if (a.kind === 'pointer' && b.kind === 'pointer') return sameType(a.to.type, b.to.type);
  if (a.kind === 'array' && b.kind === 'array') {
    return (
      (a.length === undefined || b.length === undefined || a.length === b.length) && sameType(a.of.type, b.of.type)
    );
  }
  if (a.kind === 'function' && b.kind === 'function') {
    return (
      sameType(a.result.type, b.result.type) &&
      a.parameters.length === b.parameters.length &&
      a.parameters.every((parameter, i) => sameType(parameter.type, b.parameters[i]?.type ?? VOID))
    );
  }
  if (a.kind === 'record' && b.kind === 'record') return sameRecord(a, b);
  return a.kind === 'void' && b.kind === 'void';
}

/**
 * 6.2.7: records of one tag in different files are one type when their members agree. Those without a tag are that only
 * as members of others.
 */
function sameRecord(a: RecordType, b: RecordType, isMember = false): boolean {
  const untagged = a.tag.startsWith('<') && b.tag.startsWith('<');
  if (a.union !== b.union || (untagged ? !isMember : a.tag !== b.tag)) return false;
  if (a.fields === undefined || b.fields === undefined) return true;
  if (a.octets !== b.octets || a.fields.length !== b.fields.length) return false;
  return a.fields.every((field, i) => {
    const other = b.fields?.[i];
    if (other === undefined || field.name !== other.name || field.offsetOctets !== other.offsetOctets) return false;
    if (field.bits?.shift !== other.bits?.shift || field.bits?.width !== other.bits?.width) return false;
    // A pointer may lead back to the record itself: its target's size is not looked at again.
    const [own, theirs] = [field.type.type, other.type.type];
    if (own.kind === 'pointer') return theirs.kind === 'pointer';
    return own.kind === 'record' && theirs.kind === 'record' ? sameRecord(own, theirs, true) : sameType(own, theirs);
  });
}

/** As a person would write it, for messages. */
export function describeType(type: Type): string {
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'integer':
      return type.boolean ? '_Bool' : `${type.signed ? '' : 'u'}int${type.bits}_t`;
    case 'fixed':
      return type.bits === 32 ? 'float' : 'double';
    case 'pointer':
      if (type.to.type.kind === 'function') return describeFunction(type.to.type, '(*)');
      return `${describeQualified(type.to)} *`;
    case 'array':
      return `${describeQualified(type.of)} [${type.length ?? ''}]`;
    case 'record':
      return `${type.union ? 'union' : 'struct'} ${type.tag}`;
    case 'function':
      return describeFunction(type, '');
  }
}

function describeFunction({ result, parameters }: FunctionType, name: string): string {
  const list = parameters.length === 0 ? 'void' : parameters.map(describeQualified).join(', ');
  return `${describeQualified(result)} ${name}(${list})`;
}

export function describeQualified(qualified: QualifiedType): string {
  const memory = qualified.memory === undefined ? '' : `__${qualified.memory} `;
  return `${memory}${qualified.const ? 'const ' : ''}${describeType(qualified.type)}`;
}

/** The field of that name and its way through anonymous members; undefined when there is none. */
export function findField(record: RecordType, name: string): readonly Field[] | undefined {
  for (const field of record.fields ?? []) {
    if (field.name === name) return [field];
    if (field.name === undefined && field.type.type.kind === 'record') {
      const inner = findField(field.type.type, name);
      if (inner !== undefined) return [field, ...inner];
    }
  }
  return undefined;
}
