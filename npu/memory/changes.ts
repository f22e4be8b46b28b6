import { type Memory, PAGE_OCTETS } from './memory.ts';

/** Octets one after the other that differ. */
export interface ChangedOctets {
  readonly address: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Where two memories of one size differ, in the order of addresses. */
export function changedOctets(before: Memory, after: Memory): ChangedOctets[] {
  const changes: ChangedOctets[] = [];
  const pages = [...new Set([...before.writtenPages(), ...after.writtenPages()])].sort((a, b) => a - b);
  for (let i = 0; i < pages.length; ) {
    const first = pages[i] as number;
    // Pages without a gap are compared as one, so that no change is cut where a page ends.
    let end = first;
    for (; i < pages.length && pages[i] === end; i++) end += PAGE_OCTETS;
    const octets = Math.min(end, after.octets) - first;
    changes.push(...changesBetween(before.read(first, octets), after.read(first, octets), first));
  }
  return changes;
}

/** Where two stretches of the same octets differ. @param address of their first octet */
export function changesBetween(before: Uint8Array, after: Uint8Array, address: number): ChangedOctets[] {
  const changes: ChangedOctets[] = [];
  for (let i = 0; i < after.length; i++) {
    if (before[i] === after[i]) continue;
    const first = i;
    while (i < after.length && before[i] !== after[i]) i++;
    changes.push({ address: address + first, before: before.slice(first, i), after: after.slice(first, i) });
  }
  return changes;
}
