import type { FieldListEntry } from '../../2-parse/p4/tree.ts';
import type { P4Field, P4Instance, P4Model } from '../../3-analyze/p4/model.ts';
import { writeField } from './fields.ts';
import type { GeneratedText } from './text.ts';
import { literal } from './values.ts';

/** The four clones by where they come from and where they go. */
export type Clone = 'i2i' | 'i2e' | 'e2i' | 'e2e';

const CLONES: ReadonlyMap<string, Clone> = new Map([
  ['clone_ingress_pkt_to_ingress', 'i2i'],
  ['clone_ingress_pkt_to_egress', 'i2e'],
  ['clone_egress_pkt_to_ingress', 'e2i'],
  ['clone_egress_pkt_to_egress', 'e2e'],
  ['clone_i2i', 'i2i'],
  ['clone_i2e', 'i2e'],
  ['clone_e2i', 'e2i'],
  ['clone_e2e', 'e2e'],
]);

/** The clone that a primitive asks for. */
export function operationName(primitive: string): Clone | undefined {
  return CLONES.get(primitive);
}

/** What the actions of a program ask of a packet's way. */
export interface PacketOperations {
  readonly clones: ReadonlySet<Clone>;
  readonly resubmit: boolean;
  readonly recirculate: boolean;
  readonly truncate: boolean;
}

export function packetOperations(model: P4Model): PacketOperations {
  const names = new Set([...model.actions.values()].flatMap((action) => action.calls.map((call) => call.name)));
  for (const table of model.tables.values()) {
    for (const { name } of table.actions) names.add(name);
    if (table.defaultAction !== undefined) names.add(table.defaultAction.name);
  }
  const clones = [...names].flatMap((name) => operationName(name) ?? []);
  return {
    clones: new Set(clones),
    resubmit: names.has('resubmit'),
    recirculate: names.has('recirculate'),
    truncate: names.has('truncate'),
  };
}

/** Members of `pif_operations`: what was asked for since the pass began. */
export function operationMembers({ clones, resubmit, recirculate, truncate }: PacketOperations): string[] {
  return [
    ...[...clones].flatMap((clone) => [clone, `${clone}_session`]),
    ...(resubmit ? ['resubmit'] : []),
    ...(recirculate ? ['recirculate'] : []),
    ...(truncate ? ['truncate'] : []),
  ];
}

/** The C structure, for the header that plugins and the runtime include. */
export function operationsStructure(model: P4Model): string[] {
  const members = operationMembers(packetOperations(model));
  if (members.length === 0) return [];
  return [
    'struct pif_operations {',
    ...members.map((member) => `  unsigned int ${member};`),
    '};',
    'extern __lmem struct pif_operations pif_operations;',
  ];
}

/** Fields of metadata that a field list preserves. */
export function preservedFields(model: P4Model, list: string): { instance: P4Instance; field: P4Field }[] {
  const entries: readonly FieldListEntry[] = model.fieldLists.get(list)?.entries ?? [];
  return entries.flatMap((entry) => {
    if (entry.kind === 'name' && model.fieldLists.has(entry.name)) return preservedFields(model, entry.name);
    const instance =
      entry.kind === 'field'
        ? model.instances.get(entry.instance)
        : entry.kind === 'name'
          ? model.instances.get(entry.name)
          : undefined;
    if (instance === undefined || !instance.metadata) return [];
    return instance.fields
      .filter((field) => entry.kind !== 'field' || field.name === entry.field)
      .map((field) => ({ instance, field }));
  });
}

/**
 * `pif_reset_metadata(keep)`: every field of metadata has its initial value again, but for those of the field list with
 * that number (`listNumber`; 0: no list). The standard metadata is the runtime's.
 */
export function generateMetadataReset(model: P4Model, out: GeneratedText): void {
  out.line('void pif_reset_metadata(unsigned int keep) {');
  const lists = [...model.fieldLists.keys()].map((name, index) => ({
    number: index + 1,
    fields: new Set(preservedFields(model, name).map(({ instance, field }) => `${instance.name}.${field.name}`)),
  }));
  const used = usedLists(model);
  for (const instance of model.instances.values()) {
    if (!instance.metadata || instance.name === 'standard_metadata') continue;
    for (const field of instance.fields) {
      const keeping = lists.filter(
        ({ number, fields }) => used.has(number) && fields.has(`${instance.name}.${field.name}`),
      );
      if (keeping.length > 0) out.line(`if (${keeping.map(({ number }) => `keep != ${number}`).join(' && ')}) {`);
      for (const line of writeField(instance.name, field, literal(field.initial))) out.line(line);
      if (keeping.length > 0) out.line('}');
    }
  }
  out.line('}');
}

/** Numbers of the lists that a clone, resubmit or recirculate names. */
function usedLists(model: P4Model): Set<number> {
  const names = [...model.fieldLists.keys()];
  const found = new Set<number>();
  for (const action of model.actions.values()) {
    for (const call of action.calls) {
      const at =
        operationName(call.name) !== undefined ? 1 : call.name === 'resubmit' || call.name === 'recirculate' ? 0 : -1;
      const given = call.arguments[at];
      if (given?.kind === 'name') found.add(names.indexOf(given.name) + 1);
    }
  }
  return found;
}

/** Fields of metadata that clones from ingress to egress take over their parsing. */
export function clonedFields(model: P4Model): Map<number, { instance: P4Instance; field: P4Field }[]> {
  const names = [...model.fieldLists.keys()];
  const found = new Map<number, { instance: P4Instance; field: P4Field }[]>();
  for (const action of model.actions.values()) {
    for (const call of action.calls) {
      const given = call.arguments[1];
      if (operationName(call.name) !== 'i2e' || given?.kind !== 'name') continue;
      found.set(names.indexOf(given.name) + 1, preservedFields(model, given.name));
    }
  }
  return found;
}
