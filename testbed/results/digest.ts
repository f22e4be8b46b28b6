import { createHash } from 'node:crypto';
import type { RunOutcome } from './outcome.ts';

/**
 * The fingerprint of a run, hexadecimal SHA-256: over each link direction's name and fingerprint in name order, then
 * what happened to frames and lambdas (events in time order), then the result rows of every node by request id. No
 * wall-clock value and no path is in it, so equal digests mean equal runs, on any machine.
 */
export function runDigest(outcome: RunOutcome): string {
  const hash = createHash('sha256');
  for (const port of outcome.ports) hash.update(`${port.direction} ${port.frames} ${port.octets} ${port.poly1305}\n`);
  for (const { timePs, node, event } of outcome.events) hash.update(`${timePs} ${node} ${canonical(event)}\n`);
  for (const [node, report] of outcome.reports) {
    for (const row of report.rows ?? []) hash.update(`${node} ${canonical(row)}\n`);
  }
  return hash.digest('hex');
}

/** JSON with sorted keys: one text for one record. */
function canonical(record: Readonly<Record<string, unknown>>): string {
  const entries = Object.keys(record)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${JSON.stringify(record[key])}`);
  return `{${entries.join(',')}}`;
}
