import { expect, test } from 'vitest';
import type { FaultPlan } from '../faults/fault.ts';
import { faultsFileSchema } from './fault-schema.ts';
import { loadTopology } from './load-topology.ts';
import { resolveFaults } from './resolve-faults.ts';
import { writeFaults } from './write-faults.ts';
import { readYaml } from './yaml-document.ts';

const topology = loadTopology('four-workers');

function planOf(text: string, delays: ReadonlyMap<string, string>): FaultPlan {
  const { value, positionOf } = readYaml({ path: 'faults.yaml', text }, faultsFileSchema);
  const readBeside = (path: string) => ({ path, text: delays.get(path)! });
  return resolveFaults(value.faults, { positionOf, readBeside }, topology);
}

test('a plan comes back from its file as it was, whatever is in it', () => {
  const link = 'link: m2.eth0--switch.2';
  const plan = planOf(
    `faults:
  - { kind: loss, ${link}, probability: 0.001, at: 3ms, for: 200us, every: 1ms, until: 9s, match: { psn: 7 } }
  - { kind: loss, ${link}, from: switch.2, match: { frame: 57 } }
  - { kind: burst-loss, ${link}, goodToBad: 1.0e-7, badToGood: 0.3, lossInGood: 0.01, match: { lambda: 3 } }
  - { kind: duplicate, ${link}, name: twice }
  - { kind: reorder, ${link}, depth: 4, probability: 0.2 }
  - { kind: corrupt, ${link}, bits: 3, fcs: misses }
  - { kind: delay, ${link}, law: { kind: constant, delay: 1.5us } }
  - { kind: delay, ${link}, law: { kind: uniform, least: 0ns, most: 1us }, keepOrder: true }
  - { kind: delay, ${link}, law: { kind: normal, mean: 3us, deviation: 1ns } }
  - { kind: delay, ${link}, law: { kind: pareto, least: 1ps, shape: 1.16 } }
  - { kind: delay, ${link}, law: { kind: file, path: measured.txt } }
  - { kind: rate, ${link}, rate: 0.000001M }
  - { kind: rate, link: m3.eth0--switch.3, from: m3.eth0, rate: 2.5G, for: 1ms }
  - { kind: queue, ${link}, queue: 64KiB }
  - { kind: down, ${link}, at: 1ms, for: 1ps }
  - { kind: crash, node: mgmt, at: 1s }
  - { kind: pause, node: m2, at: 1s, for: 1ms }
  - { kind: restart, node: m2, at: 2s, for: 1ms, name: again }
`,
    new Map([['measured.txt', '3us\n17ps\n']]),
  );
  expect(plan.links).toHaveLength(2 * 13 + 2);
  const { text, delays } = writeFaults(plan);
  expect([...delays.keys()]).toEqual(['delays-delay-10.txt']);
  expect(planOf(text, delays)).toEqual(plan);
});
