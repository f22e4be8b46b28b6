import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FaultPlan } from '../faults/fault.ts';
import type { NetworkSpec } from '../link/network.ts';
import { systemCalls } from '../link/system-calls.ts';
import { nodeOrder, planProcesses } from '../testbed/processes/process-plan.ts';
import { runProcesses } from '../testbed/processes/supervisor.ts';
import { runDigest } from '../testbed/results/digest.ts';
import { orderOutcome, type RunOutcome } from '../testbed/results/outcome.ts';
import { type FaultAnswer, LiveFaults } from '../testbed/run/live-faults.ts';
import { runInMemory } from '../testbed/run/memory-run.ts';
import { prepareInputs } from '../testbed/run/run-inputs.ts';
import type { RunObserver } from '../testbed/run/run-observer.ts';
import { faultsFileSchema } from '../topology/fault-schema.ts';
import { loadTopology, projectFolder } from '../topology/load-topology.ts';
import { resolveFaults } from '../topology/resolve-faults.ts';
import { writeFaults } from '../topology/write-faults.ts';
import { readYaml } from '../topology/yaml-document.ts';
import { ensureBuilt, PATIENCE_MS } from './run-testbed.ts';

const REQUESTS = 400;
const topology = loadTopology('four-workers');
const inputs = prepareInputs(
  {
    ...topology,
    workloads: topology.workloads
      .filter(({ name }) => name === 'web')
      .map((workload) => ({ ...workload, requests: REQUESTS })),
  },
  undefined,
);
const nodes = nodeOrder(topology);
const processes = planProcesses(topology);

/** What is ordered when so many requests are settled; requests come through all of it. */
const ORDERS: readonly (readonly [completed: number, order: (faults: LiveFaults) => Promise<FaultAnswer>])[] = [
  [20, (faults) => faults.begin('kind: loss, link: m2.eth0--switch.2, probability: 0.3, for: 300us', '.')],
  [25, (faults) => faults.begin('kind: down, link: m3.eth0--switch.3, name: cut', '.')],
  [
    30,
    (faults) =>
      faults.begin(
        '{ "kind": "delay", "link": "client.eth0--switch.6", "law": { "kind": "uniform", "least": "1us", "most": "90us" } }',
        '.',
      ),
  ],
  [40, (faults) => faults.begin('kind: duplicate, link: m1.eth0--switch.1, probability: 0.5', '.')],
  [60, (faults) => faults.end('cut')],
  [80, (faults) => faults.begin('kind: pause, node: m4, for: 2ms', '.')],
  [
    90,
    (faults) => faults.begin('kind: rate, link: m1.eth0--switch.1, from: switch.1, rate: 100M, at: 1s, for: 1ms', '.'),
  ],
  [120, (faults) => faults.begin('kind: restart, node: switch, for: 100us', '.')],
  [150, (faults) => faults.begin('kind: crash, node: m5', '.')],
];

/** Gives the orders as the run gets to them. */
class Operator implements RunObserver {
  readonly stopRequested = false;
  readonly faults = new LiveFaults(topology, topology.faults);
  readonly answers: Promise<FaultAnswer>[] = [];

  progress(_node: string, { completed }: { readonly completed: number }): void {
    while (this.answers.length < ORDERS.length && completed >= ORDERS[this.answers.length]![0]) {
      this.answers.push(ORDERS[this.answers.length]![1](this.faults));
    }
  }
  emulatedTime(): void {}
}

const SILENT: RunObserver = { stopRequested: false, progress: () => {}, emulatedTime: () => {} };

function networkWith(faults: FaultPlan): NetworkSpec {
  return { nodes, links: topology.links, seed: 1, faults };
}

type Transport = 'memory' | 'dgram' | 'native';

async function run(transport: Transport, faults: FaultPlan, operator?: Operator): Promise<RunOutcome> {
  const observer = operator ?? SILENT;
  if (transport === 'memory') {
    const part = await runInMemory(networkWith(faults), inputs, undefined, observer, undefined, operator?.faults);
    return orderOutcome([part], nodes);
  }
  const parts = await runProcesses({
    processes,
    network: networkWith(faults),
    model: inputs,
    capture: undefined,
    dropDatagrams: transport === 'dgram' ? 0.02 : 0,
    datagrams: transport,
    pinnedCore: undefined,
    moduleFolder: join(projectFolder(), 'dist'),
    observer,
    liveFaults: operator?.faults,
  });
  return orderOutcome(parts, nodes);
}

/** The plan as it comes back from the file that a run leaves behind. */
function readBack(plan: FaultPlan): FaultPlan {
  const { value, positionOf } = readYaml({ path: 'faults.yaml', text: writeFaults(plan).text }, faultsFileSchema);
  return resolveFaults(value.faults, { positionOf, readBeside: () => expect.fail('no delays in files') }, topology);
}

beforeAll(ensureBuilt, PATIENCE_MS);

describe('faults that are ordered while a run goes on', () => {
  for (const transport of ['memory', 'dgram', 'native'] as const) {
    it.runIf(transport !== 'native' || systemCalls() !== undefined)(
      `make a run (${transport}) that their file repeats, bit for bit, in one process and in seven`,
      async () => {
        const operator = new Operator();
        const live = await run(transport, topology.faults, operator);
        operator.faults.close();
        const answers = await Promise.all(operator.answers);
        expect(answers).toHaveLength(ORDERS.length);
        for (const answer of answers) expect(answer).toMatchObject({ atPs: expect.any(Number) });
        const reasons = new Set(live.events.map(({ event }) => event.reason));
        for (const reason of ['link-down', 'delay', 'duplicate', 'pause', 'restart', 'crash']) {
          expect(reasons).toContain(reason);
        }
        const plan = readBack(operator.faults.all);
        for (const again of transport === 'memory' ? (['memory', 'dgram'] as const) : (['memory'] as const)) {
          const repeated = await run(again, plan);
          expect(repeated.events).toEqual(live.events);
          expect(runDigest(repeated)).toBe(runDigest(live));
        }
      },
      PATIENCE_MS,
    );
  }
});
