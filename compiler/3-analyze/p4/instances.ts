import type { SourcePosition } from '../../../base/errors.ts';
import type { HeaderType, Instance } from '../../2-parse/p4/tree.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { layOutFields, sizeOctets } from './layout.ts';
import { type P4Instance, STANDARD_METADATA } from './model.ts';
import { ROOMY_WORDS, wordsOf } from './shared-memory.ts';

const BUILT_IN: SourcePosition = { file: '<standard metadata>', line: 1, column: 1 };

/** Eight words of valid bits: so many headers at most. */
const MAX_HEADERS = 256;

interface Instances {
  readonly instances: Map<string, P4Instance>;
  readonly stacks: Map<string, readonly P4Instance[]>;
}

/**
 * Headers, elements of stacks and metadata of a program, laid out; `standard_metadata` unless it is declared. Metadata is
 * packed when there is much of all.
 */
export function layOutInstances(
  declared: ReadonlyMap<string, Instance>,
  types: ReadonlyMap<string, HeaderType>,
  diagnostics: Diagnostics,
): Instances {
  const roomy = layOut(declared, types, false, diagnostics);
  return wordsOf(roomy.instances.values()) <= ROOMY_WORDS ? roomy : layOut(declared, types, true, diagnostics);
}

function layOut(
  declared: ReadonlyMap<string, Instance>,
  types: ReadonlyMap<string, HeaderType>,
  packed: boolean,
  diagnostics: Diagnostics,
): Instances {
  const instances = new Map<string, P4Instance>();
  const stacks = new Map<string, readonly P4Instance[]>();
  let headers = 0;
  const add = (type: HeaderType, instance: Instance): void => {
    const fields = initialised(type, instance, packed, diagnostics);
    const { position, metadata } = instance;
    const common = { typeName: type.name, position, metadata, fields, octets: sizeOctets(fields), length: type.length };
    if (instance.elements === undefined) {
      const { name } = instance;
      const validBit = metadata ? -1 : headers++;
      instances.set(name, { ...common, name, member: name, validBit, stack: undefined });
      return;
    }
    const elements = Array.from({ length: instance.elements }, (_, index): P4Instance => {
      const name = `${instance.name}[${index}]`;
      const stack = { name: instance.name, index };
      return { ...common, name, member: `${instance.name}_${index}`, validBit: headers++, stack };
    });
    for (const element of elements) {
      if (declared.has(element.member)) {
        const hint = `${element.member} is what C programs call ${element.name}`;
        diagnostics.error('p4-redefined', position, `${element.member} has the name of an element`, hint);
      }
      instances.set(element.name, element);
    }
    stacks.set(instance.name, elements);
  };
  for (const instance of declared.values()) {
    const type = types.get(instance.type);
    if (type !== undefined) add(type, instance);
    else diagnostics.error('p4-unknown-type', instance.position, `there is no header_type ${instance.type}`);
  }
  const last = [...declared.values()].at(-1);
  if (headers > MAX_HEADERS && last !== undefined) {
    diagnostics.error('p4-too-many-headers', last.position, `${headers} headers; ${MAX_HEADERS} are supported`);
  }
  if (!declared.has('standard_metadata')) addStandardMetadata(add);
  return { instances, stacks };
}

function addStandardMetadata(add: (type: HeaderType, instance: Instance) => void): void {
  const field = { position: BUILT_IN, signed: false, saturating: false };
  add(
    {
      kind: 'header-type',
      position: BUILT_IN,
      name: 'standard_metadata_t',
      fields: STANDARD_METADATA.map(([name, bits]) => ({ ...field, name, bits })),
      length: undefined,
      maxLengthOctets: undefined,
    },
    {
      kind: 'instance',
      position: BUILT_IN,
      name: 'standard_metadata',
      type: 'standard_metadata_t',
      metadata: true,
      elements: undefined,
      initial: [],
    },
  );
}

function initialised(
  type: HeaderType,
  instance: Instance,
  packed: boolean,
  diagnostics: Diagnostics,
): P4Instance['fields'] {
  const fields = layOutFields(type, instance.metadata, packed, diagnostics);
  for (const { field, position, value } of instance.initial) {
    const found = fields.find((each) => each.name === field);
    if (found === undefined) {
      diagnostics.error('p4-unknown-field', position, `${type.name} has no field ${field}`);
    } else if (value >= 1n << BigInt(found.bits) || value < -(1n << BigInt(found.bits - 1))) {
      diagnostics.warning('p4-truncated', position, `${value} does not fit into the ${found.bits} bits of ${field}`);
    }
  }
  return fields.map((field) => {
    const initial = instance.initial.find((each) => each.field === field.name);
    return initial === undefined ? field : { ...field, initial: BigInt.asUintN(field.bits, initial.value) };
  });
}
