import type { DeclarationSpecifiers, Declarator, MemberDeclaration } from '../../2-parse/micro-c/tree.ts';
import { analyzeConstant, staticAssertion } from './evaluate.ts';
import type { Analysis } from './scopes.ts';
import { alignOf, describeType, type Field, findField, type QualifiedType, type RecordType, sizeOf } from './types.ts';

/** The types of members, which may be records themselves. */
export interface DeclaredTypes {
  /** `__attribute__((aligned(n)))` of the record. */
  readonly align: number | undefined;
  specified(analysis: Analysis, specifiers: DeclarationSpecifiers): QualifiedType;
  declared(analysis: Analysis, base: QualifiedType, declarator: Declarator): QualifiedType;
}

/**
 * 6.7.2.1: lays a struct or union out. Big-endian: the first bit-field of a unit takes its most significant bits, as
 * packet formats are written. A bit-field never crosses a unit of its declared type.
 */
export function completeRecord(
  analysis: Analysis,
  record: RecordType,
  members: readonly MemberDeclaration[],
  packed: boolean,
  types: DeclaredTypes,
): void {
  const fields: Field[] = [];
  let endOctets = 0;
  let sizeOctets = 0;
  let unit: { offsetOctets: number; bits: number; used: number } | undefined;

  const place = (octets: number, align: number): number => {
    const offset = record.union ? 0 : roundUp(endOctets, packed ? 1 : align);
    endOctets = offset + octets;
    sizeOctets = Math.max(sizeOctets, endOctets);
    record.align = Math.max(record.align, packed ? 1 : align);
    unit = undefined;
    return offset;
  };

  for (const member of members) {
    if (member.assertion !== undefined) {
      staticAssertion(analysis, member.assertion);
      continue;
    }
    const base = types.specified(analysis, member.specifiers);
    if (member.declarators.length === 0) {
      if (base.type.kind === 'record' && base.type.tag.startsWith('<')) {
        const offsetOctets = place(base.type.octets, base.type.align);
        fields.push({ name: undefined, position: member.position, type: base, offsetOctets, bits: undefined, packed });
      } else if (base.type.kind !== 'integer') {
        analysis.diagnostics.warning('declares-nothing', member.position, 'this member declares nothing');
      }
    }
    for (const { declarator, bits } of member.declarators) {
      const type = types.declared(analysis, base, declarator);
      const { name, position } = declarator;
      const octets = sizeOf(type.type);
      if (octets === undefined) {
        analysis.diagnostics.error(
          'type-incomplete',
          position,
          `member ${name} has the incomplete type ${describeType(type.type)}`,
        );
        continue;
      }
      if (name !== undefined && findField({ ...record, fields }, name) !== undefined) {
        analysis.diagnostics.error('name-redefined', position, `two members named ${name}`);
        continue;
      }
      if (bits === undefined) {
        const align = Math.max(alignOf(type.type), alignedTo(analysis, member.specifiers, declarator));
        fields.push({ name, position, type, offsetOctets: place(octets, align), bits: undefined, packed });
        continue;
      }
      const width = Number(analyzeConstant(analysis, bits, 'width of a bit-field') ?? 1n);
      const unitBits = octets * 8;
      if (type.type.kind !== 'integer' || width < 0 || width > unitBits || (width === 0 && name !== undefined)) {
        analysis.diagnostics.error(
          'type-bad-bit-field',
          position,
          `no bit-field of ${width} bits in ${describeType(type.type)}`,
        );
        continue;
      }
      if (width === 0) {
        unit = undefined;
        continue;
      }
      if (unit === undefined || record.union || unit.bits !== unitBits || unit.used + width > unit.bits) {
        const offsetOctets = place(octets, alignOf(type.type));
        unit = { offsetOctets, bits: unitBits, used: 0 };
      }
      const shift = unitBits - unit.used - width;
      unit.used += width;
      if (name !== undefined)
        fields.push({ name, position, type, offsetOctets: unit.offsetOctets, bits: { shift, width }, packed });
    }
  }
  const { align } = types;
  if (align !== undefined && align > record.align && (align & (align - 1)) === 0) record.align = align;
  record.fields = fields;
  record.octets = Math.max(roundUp(sizeOctets, record.align), 1);
}

/** `_Alignas(n)` or `__attribute__((aligned(n)))` of a member; 1: neither. */
function alignedTo(analysis: Analysis, specifiers: DeclarationSpecifiers, declarator: Declarator): number {
  const attributes = [...specifiers.attributes, ...(declarator.attributes ?? [])];
  const aligned = attributes.find(({ name }) => name === 'aligned');
  const given = specifiers.qualifiers.align ?? aligned?.arguments[0];
  if (given === undefined) return 1;
  const align = Number(analyzeConstant(analysis, given, 'alignment') ?? 1n);
  if (align >= 1 && align <= 65536 && (align & (align - 1)) === 0) return align;
  analysis.diagnostics.error('type-bad-alignment', given.position, `an alignment must be a power of two, not ${align}`);
  return 1;
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
