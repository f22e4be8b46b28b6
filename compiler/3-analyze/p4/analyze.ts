import { formatPosition } from '../../../base/errors.ts';
import type { HeaderType, Instance, P4Declaration, P4Program, Table, TableRead } from '../../2-parse/p4/tree.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { checkProgram } from './checks.ts';
import { layOutInstances } from './instances.ts';
import type { P4Model } from './model.ts';
import { shareMemory } from './shared-memory.ts';

/**
 * Phase 3 for P4: resolves names, lays headers out, checks fields, widths, arguments and cycles. What is given back is
 * fit for phase 4 only when there were no errors.
 */
export function analyzeP4(program: P4Program, diagnostics: Diagnostics): P4Model {
  const named = <T extends P4Declaration & { readonly name: string }>(kind: T['kind']): Map<string, T> =>
    byName<T>(program, kind, diagnostics);
  const types = named<HeaderType>('header-type');
  const profiles: P4Model['actionProfiles'] = named('action-profile');
  const instances = layOutInstances(named<Instance>('instance'), types, diagnostics);
  const tables = [...named<Table>('table')].map(([name, table]): [string, Table] => {
    const profile = profiles.get(table.actionProfile?.name ?? '');
    const reads = table.reads.map((read) => validityRead(read, instances));
    return [name, { ...table, reads, actions: profile?.actions ?? table.actions }];
  });
  const found = {
    ...instances,
    states: named('parser'),
    valueSets: named('value-set'),
    exceptions: named('parser-exception'),
    fieldLists: named('field-list'),
    calculations: named('calculation'),
    calculatedFields: program.declarations.filter((each) => each.kind === 'calculated-field'),
    primitives: named('primitive-action'),
    actions: named('action'),
    actionProfiles: profiles,
    actionSelectors: named('action-selector'),
    tables: new Map(tables),
    controls: named('control'),
    counters: named('counter'),
    meters: named('meter'),
    registers: named('register'),
  } satisfies Omit<P4Model, 'sharedMemory'>;
  const model: P4Model = { ...found, sharedMemory: diagnostics.hasErrors ? undefined : shareMemory(found) };
  checkProgram(model, diagnostics);
  return model;
}

/** `header.valid : exact` is how programs for bmv2 write `header : valid`, unless the header has a field of that name. */
function validityRead(read: TableRead, { instances }: Pick<P4Model, 'instances'>): TableRead {
  const { field } = read;
  if (field.kind !== 'field' || field.field !== 'valid') return read;
  const instance = instances.get(field.instance);
  if (instance === undefined || instance.fields.some(({ name }) => name === 'valid')) return read;
  return { ...read, match: 'valid', field: { kind: 'name', position: field.position, name: field.instance } };
}

function byName<T extends P4Declaration & { readonly name: string }>(
  program: P4Program,
  kind: T['kind'],
  diagnostics: Diagnostics,
): Map<string, T> {
  const found = new Map<string, T>();
  for (const declaration of program.declarations) {
    if (declaration.kind !== kind) continue;
    const declared = declaration as T;
    const before = found.get(declared.name);
    if (before === undefined) found.set(declared.name, declared);
    else {
      const hint = `first at ${formatPosition(before.position)}`;
      diagnostics.error('p4-redefined', declared.position, `${declared.name} is declared twice`, hint);
    }
  }
  return found;
}
