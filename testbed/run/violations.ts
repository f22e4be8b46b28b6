import { join } from 'node:path';
import type { RecordedEvent } from '../../link/node-runtime.ts';
import type { RunFirmware } from '../../topology/run-inputs.ts';

type SourceFolders = RunFirmware['sourceFolders'];

/** A lambda that never ends would keep the run going for hours of wall time, so the run ends with its name instead. */
export function endlessLoopOf({ node, event }: RecordedEvent, sources: SourceFolders): string | undefined {
  if (event.kind !== 'lambda-violation' || event.violation !== 'watchdog') return undefined;
  return `${node}: lambda ${event.lambda} did not end within the watchdog's cycles, it was at ${placeOnDisk(event.place, sources)}`;
}

/** One line for each kind of violation: which worker and lambda, what, where first, how often. */
export function describeViolations(events: readonly RecordedEvent[], sources: SourceFolders): string[] {
  const counts = new Map<string, number>();
  for (const { node, event } of events) {
    if (event.kind !== 'lambda-violation') continue;
    const place = placeOnDisk(event.place, sources);
    const line = `${node}: lambda ${event.lambda} was stopped for ${event.violation} at ${place}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line} (${count} times)`));
}

/** Events name files as the image does, the same on every machine; people need the file that they can open. */
function placeOnDisk(place: unknown, sources: SourceFolders): string {
  const text = String(place);
  const slash = text.lastIndexOf('/');
  const folder = sources?.[text.slice(0, Math.max(slash, 0))];
  return folder === undefined ? text : join(folder, text.slice(slash + 1));
}
