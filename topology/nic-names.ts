import type { WorkerHost } from './types.ts';

/** What results call the NICs of a worker: its own name when it has one, `m2.nic1` otherwise. */
export function nicNames({ name, nics }: Pick<WorkerHost, 'name' | 'nics'>): string[] {
  return nics.map((nic) => (nics.length === 1 ? name : `${name}.${nic.name}`));
}
