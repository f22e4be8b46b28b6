import type { RecordedEvent } from '../link/node-runtime.ts';

/** A lambda that never ends would keep the run going for hours of wall time, so the run ends with its name instead. */
export function endlessLoopOf({ node, event }: RecordedEvent): string | undefined {
  if (event.kind !== 'lambda-violation' || event.violation !== 'watchdog') return undefined;
  return `${node}: lambda ${event.lambda} did not end within the watchdog's cycles, it was at ${event.place}`;
}

/** One line for each kind of violation: which worker and lambda, what, where first, how often. */
export function describeViolations(events: readonly RecordedEvent[]): string[] {
  const counts = new Map<string, number>();
  for (const { node, event } of events) {
    if (event.kind !== 'lambda-violation') continue;
    const line = `${node}: lambda ${event.lambda} was stopped for ${event.violation} at ${event.place}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line} (${count} times)`));
}
