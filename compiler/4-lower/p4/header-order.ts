import type { P4Instance, P4Model } from '../../3-analyze/p4/model.ts';
import { stackReference } from '../../3-analyze/p4/references.ts';
import { nextNames } from './parse-graph.ts';

/**
 * The order in which headers stand in a packet that is sent (language specification 5): one in which every header comes
 * after those that the parser finds before it. The elements of a header stack stand together. Where the parser loops, the
 * header that it meets first comes first. Headers that no state extracts are not sent.
 */
export function headerOrder(model: P4Model): P4Instance[] {
  const groups: string[] = [];
  const after = new Map<string, Set<string>>();
  const group = (name: string): string => stackReference(name)?.stack ?? name;
  /** Groups that may have been extracted last when a state is entered. */
  const entered = new Map<string, Set<string>>();
  const meet = (name: string, before: ReadonlySet<string>): void => {
    const state = model.states.get(name);
    if (state === undefined) return;
    const known = entered.get(name);
    const isNew = known === undefined || [...before].some((each) => !known.has(each));
    if (!isNew) return;
    const all = new Set([...(known ?? []), ...before]);
    entered.set(name, all);
    let last: ReadonlySet<string> = all;
    for (const statement of state.statements) {
      if (statement.kind !== 'extract') continue;
      const own = group(statement.instance);
      if (!groups.includes(own)) groups.push(own);
      for (const each of last) if (each !== own) setOf(after, each).add(own);
      last = new Set([own]);
    }
    for (const next of nextNames(state)) meet(next, last);
  };
  meet('start', new Set());
  // States that nothing leads to say where headers belong that only actions add.
  for (const name of model.states.keys()) if (!entered.has(name)) meet(name, new Set());

  const ordered: string[] = [];
  const left = new Set(groups);
  while (left.size > 0) {
    const waits = new Set([...left].flatMap((each) => [...(after.get(each) ?? [])]));
    const next = [...left].find((each) => !waits.has(each)) ?? ([...left][0] as string);
    left.delete(next);
    ordered.push(next);
  }
  return ordered.flatMap((name) => {
    const single = model.instances.get(name);
    return model.stacks.get(name) ?? (single === undefined ? [] : [single]);
  });
}

function setOf(map: Map<string, Set<string>>, key: string): Set<string> {
  const found = map.get(key) ?? new Set();
  map.set(key, found);
  return found;
}
