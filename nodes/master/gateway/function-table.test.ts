import { expect, test } from 'vitest';
import { FunctionTable } from './function-table.ts';
import { WorkerPool } from './worker-pool.ts';

function named(...names: string[]): FunctionTable {
  return new FunctionTable(names.map((name, index) => ({ name, id: index + 1, workers: [0] })));
}

function find(table: FunctionTable, name: string): string | undefined {
  const octets = Uint8Array.from(`..${name}..`, (character) => character.charCodeAt(0));
  return table.find(octets, 2, 2 + name.length)?.name;
}

test('finds a function by the octets of its name', () => {
  const table = named('web-server', 'image-mean');
  expect(find(table, 'web-server')).toBe('web-server');
  expect(find(table, 'web-serve')).toBeUndefined();
  expect(find(table, '')).toBeUndefined();
});

test('tells names apart whose hash is the same', () => {
  // A well-known collision of FNV-1a in 32 bits.
  expect(find(named('liquid'), 'costarring')).toBeUndefined();
  const both = named('liquid', 'costarring');
  expect([find(both, 'costarring'), find(both, 'liquid')]).toEqual(['costarring', 'liquid']);
});

test('placement passes over workers that are not loaded, and least-outstanding goes by the load', () => {
  const worker = { nic: 0, mac: 0, slots: 0, slotInputOctets: 0, slotOutputOctets: 0 };
  const pool = new WorkerPool(
    [1, 2, 3].map((number) => ({ ...worker, name: `w${number}`, address: number, managementAddress: 10 + number })),
  );
  const table = new FunctionTable([{ name: 'f', id: 1, workers: [0, 1, 2] }]);
  const target = table.functions[0] as (typeof table.functions)[0];
  const next = (policy: 'round-robin' | 'least-outstanding') => table.chooseWorker(target, pool, policy);
  expect(next('round-robin')).toBe(-1);
  pool.markLoaded(0);
  pool.markLoaded(2);
  expect([next('round-robin'), next('round-robin'), next('round-robin')]).toEqual([0, 2, 0]);
  pool.begin(2);
  expect([next('least-outstanding'), next('least-outstanding')]).toEqual([0, 0]);
  pool.begin(0);
  pool.begin(0);
  expect(next('least-outstanding')).toBe(2);
});
