import type { P4Instance, P4Model } from './model.ts';
import { stackReference } from './references.ts';

/** Parsed headers and metadata up to so many words are laid out for speed, beyond it for size. */
export const ROOMY_WORDS = 72;

/** Where headers lie when those that no packet has together share memory. */
export interface SharedMemory {
  /** Word of each header, from the first one of all. */
  readonly wordOffsets: ReadonlyMap<string, number>;
  /** Headers that have words in common with others: they must not be written when they are not valid. */
  readonly shared: ReadonlySet<string>;
}

export function wordsOf(instances: Iterable<P4Instance>): number {
  return [...instances].reduce((sum, { octets }) => sum + Math.ceil(octets / 4), 0);
}

/**
 * Gives headers that exclude one another the same words: no way through the parser finds both, and nothing adds them.
 * Undefined when there is room for all, or when plugins may add any header.
 */
export function shareMemory(
  model: Pick<P4Model, 'instances' | 'stacks' | 'states' | 'actions' | 'primitives' | 'controls'>,
): SharedMemory | undefined {
  if (wordsOf(model.instances.values()) <= ROOMY_WORDS || model.primitives.size > 0) return undefined;
  const headers = [...model.instances.values()].filter((instance) => !instance.metadata);
  const together = foundTogether(model);
  const added = addedByActions(model);
  const conflict = (a: P4Instance, b: P4Instance): boolean =>
    added.has(group(a)) || added.has(group(b)) || group(a) === group(b) || together(group(a), group(b));
  const wordOffsets = new Map<string, number>();
  const placed: { header: P4Instance; from: number; to: number }[] = [];
  // The longest first: shorter ones find room beside one another in what they leave.
  for (const header of [...headers].sort((a, b) => b.octets - a.octets || a.validBit - b.validBit)) {
    const words = Math.ceil(header.octets / 4);
    const taken = placed.filter((other) => conflict(header, other.header)).sort((a, b) => a.from - b.from);
    let from = 0;
    for (const other of taken) if (other.from < from + words) from = Math.max(from, other.to);
    placed.push({ header, from, to: from + words });
    wordOffsets.set(header.name, from);
  }
  const shared = placed.filter(({ header, from, to }) =>
    placed.some((other) => other.header !== header && other.from < to && from < other.to),
  );
  return { wordOffsets, shared: new Set(shared.map(({ header }) => header.name)) };
}

function group({ name, stack }: P4Instance): string {
  return stack?.name ?? name;
}

/** Whether a way through the parser finds both: one's state can be reached from the other's. */
function foundTogether({ states }: Pick<P4Model, 'states'>): (a: string, b: string) => boolean {
  const statesOf = new Map<string, string[]>();
  for (const state of states.values()) {
    for (const statement of state.statements) {
      if (statement.kind !== 'extract') continue;
      const name = stackReference(statement.instance)?.stack ?? statement.instance;
      statesOf.set(name, [...(statesOf.get(name) ?? []), state.name]);
    }
  }
  const reached = new Map<string, ReadonlySet<string>>();
  for (const name of states.keys()) {
    const found = new Set<string>();
    const visit = (each: string): void => {
      const end = states.get(each)?.end;
      if (end === undefined || found.has(each)) return;
      found.add(each);
      if (end.kind === 'state') visit(end.name);
      else if (end.kind === 'select') for (const { next } of end.cases) visit(next.name);
    };
    visit(name);
    reached.set(name, found);
  }
  const leads = (from: string, to: string): boolean =>
    (statesOf.get(from) ?? []).some((a) => (statesOf.get(to) ?? []).some((b) => reached.get(a)?.has(b) === true));
  // A header that no state extracts may come from anywhere.
  return (a, b) => !statesOf.has(a) || !statesOf.has(b) || leads(a, b) || leads(b, a);
}

function addedByActions({ actions }: Pick<P4Model, 'actions'>): ReadonlySet<string> {
  const added = new Set<string>();
  for (const action of actions.values()) {
    for (const { name, arguments: given } of action.calls) {
      const target = given[0];
      if (target?.kind !== 'name' || !['add_header', 'copy_header', 'push'].includes(name)) continue;
      added.add(stackReference(target.name)?.stack ?? target.name);
    }
  }
  return added;
}
