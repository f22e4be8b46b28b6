import type { StfIndex, StfStatement } from './statements.ts';

/**
 * The number that an index stands for; undefined: no entry has the handle.
 * @param before entries that each table has from elsewhere
 */
export function handleNumber(
  statements: readonly StfStatement[],
  index: StfIndex,
  before: ReadonlyMap<string, number>,
): number | undefined {
  if (index.kind === 'number') return index.value;
  const wanted = bareHandle(index.name.text);
  const counts = new Map(before);
  for (const each of statements) {
    if (each.kind !== 'add') continue;
    const count = counts.get(each.table.text) ?? 0;
    counts.set(each.table.text, count + 1);
    if (each.handle !== undefined && bareHandle(each.handle) === wanted) return count;
  }
  return undefined;
}

/** `$A` and `A` are one handle. */
export function bareHandle(handle: string): string {
  return handle.replace(/^\$/, '');
}
