import type { FieldReference } from '../../2-parse/p4/tree.ts';
import type { P4Field, P4Instance, P4Model } from './model.ts';

/** `vlan[last]` -> stack `vlan`, index `last`; undefined for what has no index. */
export function stackReference(name: string): { stack: string; index: string } | undefined {
  const [, stack, index] = /^(.+)\[(.+)\]$/.exec(name) ?? [];
  return stack === undefined || index === undefined ? undefined : { stack, index };
}

/** The instance of a name; for `stack[last]` and `stack[next]` the first element, which has the same type as all. */
export function findInstance(model: P4Model, name: string): P4Instance | undefined {
  const reference = stackReference(name);
  if (reference === undefined || /^[0-9]/.test(reference.index)) return model.instances.get(name);
  return model.stacks.get(reference.stack)?.[0];
}

/** The field a reference means; undefined when there is none. `latest` is the header extracted last. */
export function findP4Field(
  model: P4Model,
  reference: FieldReference,
  latest: string | undefined,
): P4Field | undefined {
  const name = reference.instance === 'latest' ? latest : reference.instance;
  return findInstance(model, name ?? '')?.fields.find((field) => field.name === reference.field);
}
