import { formatPosition, type SourcePosition } from '../../../base/errors.ts';
import type { HeaderType, Instance, P4Declaration, P4Program } from '../../2-parse/p4/tree.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { checkProgram } from './checks.ts';
import { layOutFields, sizeOctets } from './layout.ts';
import { type P4Instance, type P4Model, STANDARD_METADATA } from './model.ts';

const BUILT_IN: SourcePosition = { file: '<standard metadata>', line: 1, column: 1 };

/** Word of valid bits: so many headers at most. */
const MAX_HEADERS = 32;

/**
 * Phase 3 for P4: resolves names, lays headers out, checks fields, widths, arguments and cycles. What is given back is
 * fit for phase 4 only when there were no errors.
 */
export function analyzeP4(program: P4Program, diagnostics: Diagnostics): P4Model {
  const types = byName<HeaderType>(program, 'header-type', diagnostics);
  const model: P4Model = {
    instances: instances(program, types, diagnostics),
    states: byName(program, 'parser', diagnostics),
    fieldLists: byName(program, 'field-list', diagnostics),
    calculations: byName(program, 'calculation', diagnostics),
    calculatedFields: program.declarations.filter((each) => each.kind === 'calculated-field'),
    primitives: byName(program, 'primitive-action', diagnostics),
    actions: byName(program, 'action', diagnostics),
    tables: byName(program, 'table', diagnostics),
    controls: byName(program, 'control', diagnostics),
  };
  checkProgram(model, diagnostics);
  return model;
}

function byName<T extends P4Declaration & { readonly name: string }>(
  program: P4Program,
  kind: T['kind'],
  diagnostics: Diagnostics,
): Map<string, T> {
  const found = new Map<string, T>();
  for (const declaration of program.declarations) {
    if (declaration.kind !== kind) continue;
    const named = declaration as T;
    const before = found.get(named.name);
    if (before === undefined) found.set(named.name, named);
    else {
      const hint = `first at ${formatPosition(before.position)}`;
      diagnostics.error('p4-redefined', named.position, `${named.name} is declared twice`, hint);
    }
  }
  return found;
}

function instances(
  program: P4Program,
  types: ReadonlyMap<string, HeaderType>,
  diagnostics: Diagnostics,
): Map<string, P4Instance> {
  const found = new Map<string, P4Instance>();
  const declared = byName<Instance>(program, 'instance', diagnostics);
  const standard: HeaderType = {
    kind: 'header-type',
    position: BUILT_IN,
    name: 'standard_metadata_t',
    fields: STANDARD_METADATA.map(([name, bits]) => ({ name, bits, position: BUILT_IN })),
  };
  const add = (
    type: HeaderType,
    instance: Pick<Instance, 'name' | 'position' | 'metadata' | 'initial'>,
    validBit: number,
  ) => {
    const fields = layOutFields(type, instance.metadata, diagnostics).map((field) => {
      const initial = instance.initial.find((each) => each.field === field.name);
      return initial === undefined ? field : { ...field, initial: BigInt.asUintN(field.bits, initial.value) };
    });
    for (const { field, position } of instance.initial) {
      if (!fields.some((each) => each.name === field)) {
        diagnostics.error('p4-unknown-field', position, `${type.name} has no field ${field}`);
      }
    }
    found.set(instance.name, {
      name: instance.name,
      typeName: type.name,
      position: instance.position,
      metadata: instance.metadata,
      fields,
      octets: sizeOctets(fields),
      validBit,
    });
  };
  let headers = 0;
  for (const instance of declared.values()) {
    const type = types.get(instance.type);
    if (type === undefined) {
      diagnostics.error('p4-unknown-type', instance.position, `there is no header_type ${instance.type}`);
      continue;
    }
    add(type, instance, instance.metadata ? -1 : headers++);
  }
  const last = [...declared.values()].at(-1);
  if (headers > MAX_HEADERS && last !== undefined) {
    diagnostics.error('p4-too-many-headers', last.position, `${headers} headers; ${MAX_HEADERS} are supported`);
  }
  if (!declared.has('standard_metadata')) {
    add(standard, { name: 'standard_metadata', position: BUILT_IN, metadata: true, initial: [] }, -1);
  }
  return found;
}
