import type { SourcePosition } from '../../../base/errors.ts';
import type {
  DeclarationSpecifiers,
  Declarator,
  Derivation,
  Qualifiers,
  TypeName,
  TypeSpecifier,
} from '../../2-parse/micro-c/tree.ts';
import { analyzeConstant, analyzeExpression, constantIn } from './evaluate.ts';
import { completeRecord } from './records.ts';
import type { Analysis } from './scopes.ts';
import {
  BOOLEAN,
  DOUBLE,
  FLOAT,
  INT,
  MAX_OBJECT_OCTETS,
  plain,
  type QualifiedType,
  SIGNED_8,
  SIGNED_16,
  SIGNED_64,
  sizeOf,
  type Type,
  UNSIGNED,
  UNSIGNED_8,
  UNSIGNED_16,
  UNSIGNED_64,
  VOID,
} from './types.ts';

/** 6.7.2 type-specifier lists, words sorted. */
const BUILTIN: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['void', VOID],
  ['_Bool', BOOLEAN],
  ['char', SIGNED_8],
  ['char signed', SIGNED_8],
  ['char unsigned', UNSIGNED_8],
  ...words(['short', 'short signed', 'int short', 'int short signed'], SIGNED_16),
  ...words(['short unsigned', 'int short unsigned'], UNSIGNED_16),
  ...words(['int', 'signed', 'int signed', 'long', 'long signed', 'int long', 'int long signed'], INT),
  ...words(['unsigned', 'int unsigned', 'long unsigned', 'int long unsigned'], UNSIGNED),
  ...words(['long long', 'long long signed', 'int long long', 'int long long signed', '__int64'], SIGNED_64),
  ...words(['long long unsigned', 'int long long unsigned', '__int64 unsigned'], UNSIGNED_64),
]);

/** What there is in a lowered program. */
const FLOATING: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['float', FLOAT],
  ['double', DOUBLE],
  ['double long', DOUBLE],
]);

function words(spellings: readonly string[], type: Type): [string, Type][] {
  return spellings.map((spelling) => [spelling, type]);
}

/** The type that declaration-specifiers say, without any declarator. */
export function specifiedType(analysis: Analysis, specifiers: DeclarationSpecifiers): QualifiedType {
  return qualify(typeOfSpecifier(analysis, specifiers.type), specifiers.qualifiers);
}

function qualify(base: QualifiedType, qualifiers: Qualifiers): QualifiedType {
  return {
    type: base.type,
    const: base.const || qualifiers.const,
    volatile: base.volatile || qualifiers.volatile,
    memory: qualifiers.memory ?? base.memory,
    addressBits: qualifiers.addressBits ?? base.addressBits,
  };
}

function typeOfSpecifier(analysis: Analysis, specifier: TypeSpecifier): QualifiedType {
  const { diagnostics } = analysis;
  switch (specifier.kind) {
    case 'builtin': {
      const type = BUILTIN.get([...specifier.words].sort().join(' '));
      if (type !== undefined) return plain(type);
      const text = specifier.words.join(' ');
      const floating = FLOATING.get([...specifier.words].sort().join(' '));
      if (floating !== undefined && analysis.lower) return plain(floating);
      if (/float|double/.test(text)) {
        const hint = 'compile with the option --lower to get fixed-point numbers, or use scaled integers';
        diagnostics.error('type-floating-point', specifier.position, `${text} is not supported`, hint);
      } else {
        diagnostics.error('type-bad-specifiers', specifier.position, `${text} is no type`);
      }
      return plain(INT);
    }
    case 'typedef-name': {
      const binding = analysis.lookUp(specifier.name);
      if (binding?.kind === 'typedef') return binding.type;
      diagnostics.error('name-not-a-type', specifier.position, `${specifier.name} is no type here`);
      return plain(INT);
    }
    case 'typeof':
      if (specifier.of.kind === 'type-name') return typeOfName(analysis, specifier.of);
      return plain(analyzeExpression(analysis, specifier.of).type);
    case 'record':
      return plain(recordType(analysis, specifier));
    case 'enum':
      return plain(enumeration(analysis, specifier));
  }
}

function recordType(analysis: Analysis, specifier: Extract<TypeSpecifier, { kind: 'record' }>): Type {
  const tag = specifier.tag ?? analysis.anonymousTag();
  const defines = specifier.members !== undefined;
  const known = analysis.lookUpTag(tag, defines);
  if (known !== undefined && (known.kind !== 'record' || known.union !== specifier.union)) {
    analysis.diagnostics.error('name-other-tag', specifier.position, `${tag} is another kind of type`);
    return INT;
  }
  const record = known ?? { kind: 'record', union: specifier.union, tag, fields: undefined, octets: 0, align: 1 };
  if (known === undefined) analysis.bindTag(tag, record);
  if (specifier.members !== undefined) {
    if (record.fields !== undefined) {
      analysis.diagnostics.error('name-redefined', specifier.position, `${tag} is defined twice`);
    } else {
      completeRecord(analysis, record, specifier.members, specifier.packed, {
        align: specifier.align && Number(analyzeConstant(analysis, specifier.align, 'alignment') ?? 1n),
        specified: specifiedType,
        declared: declaredType,
      });
    }
  }
  return record;
}

/** 6.7.2.2: its constants are `int`; the type itself is unsigned unless one of them is negative, as gcc chooses. */
function enumeration(
  analysis: Analysis,
  { tag, enumerators, position }: Extract<TypeSpecifier, { kind: 'enum' }>,
): Type {
  if (enumerators === undefined) return knownEnumeration(analysis, tag, position);
  let next = 0n;
  let type = UNSIGNED;
  for (const { name, position: at, value } of enumerators) {
    if (value !== undefined) next = analyzeConstant(analysis, value, 'value of an enumeration constant') ?? next;
    if (analysis.inThisScope(name) !== undefined) {
      analysis.diagnostics.error('name-redefined', at, `${name} is declared twice`);
    }
    analysis.bind(name, { kind: 'enumerator', value: next, position: at });
    if (next < 0n) type = INT;
    next++;
  }
  if (tag !== undefined) analysis.bindTag(tag, { kind: 'enum', tag, type });
  return type;
}

/** 6.7.2.3 `enum tag`; one that is declared later is taken as gcc takes it. */
function knownEnumeration(analysis: Analysis, tag: string | undefined, position: SourcePosition): Type {
  const known = tag === undefined ? undefined : analysis.lookUpTag(tag, false);
  if (known?.kind === 'enum') return known.type;
  if (known === undefined) return UNSIGNED;
  analysis.diagnostics.error('name-other-tag', position, `${tag} is another kind of type`);
  return INT;
}

/** 6.7.5: applies the derivations of a declarator, the one farthest from the name first. */
export function declaredType(analysis: Analysis, base: QualifiedType, declarator: Declarator): QualifiedType {
  let type = base;
  for (let i = declarator.derivations.length - 1; i >= 0; i--) {
    type = derive(analysis, type, declarator.derivations[i] as Derivation);
  }
  return type;
}

function derive(analysis: Analysis, base: QualifiedType, derivation: Derivation): QualifiedType {
  switch (derivation.kind) {
    case 'pointer':
      checkAddressWidth(analysis, base, derivation.position);
      return qualify(plain({ kind: 'pointer', to: base }), derivation.qualifiers);
    case 'array': {
      const length = derivation.length && arrayLength(analysis, derivation.length, derivation.position);
      if (base.type.kind === 'function' || base.type.kind === 'void') {
        analysis.diagnostics.error('type-bad-element', derivation.position, `no array of ${base.type.kind}`);
        return base;
      }
      const octets = (length ?? 0) * (sizeOf(base.type) ?? 0);
      if (octets > MAX_OBJECT_OCTETS) {
        const text = `an array of ${octets} octets; at most ${MAX_OBJECT_OCTETS} are possible`;
        analysis.diagnostics.error('type-too-large', derivation.position, text);
        return { ...base, type: { kind: 'array', of: base, length: 1 } };
      }
      return { ...base, type: { kind: 'array', of: base, length } };
    }
    case 'function': {
      if (derivation.variadic) {
        const hint = 'pass an array and its length, or write a macro with ... that calls one function a value';
        const text = 'functions take a fixed number of arguments';
        analysis.diagnostics.error('type-variadic', derivation.position, text, hint);
      }
      const parameters = derivation.parameters.map((parameter) =>
        adjustParameter(declaredType(analysis, specifiedType(analysis, parameter.specifiers), parameter.declarator)),
      );
      if (base.type.kind === 'array' || base.type.kind === 'function') {
        analysis.diagnostics.error(
          'type-bad-result',
          derivation.position,
          `a function cannot return an ${base.type.kind}`,
        );
      }
      return plain({ kind: 'function', result: base, parameters });
    }
  }
}

/** `__addr32` and `__addr40` where the memory has such addresses: anything else would mean another place. */
function checkAddressWidth(analysis: Analysis, to: QualifiedType, position: SourcePosition): void {
  const { addressBits } = to;
  if (addressBits === undefined) return;
  const memory = to.memory ?? 'mem';
  const possible = memory === 'mem' ? [40] : ['imem', 'emem', 'ctm', 'cls'].includes(memory) ? [32, 40] : [];
  if (possible.includes(addressBits)) return;
  const hint = memory === 'mem' ? 'name the memory: __imem, __emem, __ctm or __cls' : undefined;
  analysis.diagnostics.error(
    'type-bad-address-width',
    position,
    `no ${addressBits}-bit address into __${memory}`,
    hint,
  );
}

/** 6.7.5.3: an array parameter is a pointer. */
function adjustParameter(type: QualifiedType): QualifiedType {
  if (type.type.kind === 'array') return plain({ kind: 'pointer', to: type.type.of });
  if (type.type.kind === 'function') return plain({ kind: 'pointer', to: type });
  return type;
}

function arrayLength(
  analysis: Analysis,
  length: NonNullable<Extract<Derivation, { kind: 'array' }>['length']>,
  position: SourcePosition,
): number | undefined {
  const value = constantIn(analysis, length);
  if (value === 'poison') return 1;
  if (value === undefined) {
    const hint = analysis.atFileScope
      ? undefined
      : 'there is no stack: declare the largest length that occurs, a constant';
    analysis.diagnostics.error('type-not-constant', length.position, 'the length of an array must be a constant', hint);
    return 1;
  }
  if (value > 0n && value <= MAX_OBJECT_OCTETS) return Number(value);
  analysis.diagnostics.error('type-bad-length', position, `an array of ${value} elements`);
  return 1;
}

/** 6.7.6 */
export function typeOfName(analysis: Analysis, name: TypeName): QualifiedType {
  return declaredType(analysis, specifiedType(analysis, name.specifiers), name.declarator);
}
