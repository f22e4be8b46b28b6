import { cpuUsage, memoryUsage } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { NO_FAULTS } from '../faults/fault.ts';
import { nodeOrder } from '../testbed/processes/process-plan.ts';
import { runInMemory } from '../testbed/run/memory-run.ts';
import { prepareInputs } from '../testbed/run/run-inputs.ts';
import type { RunObserver } from '../testbed/run/run-observer.ts';
import { loadTopology } from '../topology/load-topology.ts';
import { PATIENCE_MS } from './run-testbed.ts';

/** Frame hops of the run: 100,000 here, ten million in the nightly form. */
const FRAMES = Number(process.env.LONG_RUN_FRAMES ?? 100_000);
const IS_NIGHTLY = FRAMES >= 1_000_000;
/** A request through the gateway: four hops there, four back. */
const HOPS = 8;
const REQUESTS = Math.ceil(FRAMES / HOPS);
/** Of a run, between which it is looked at; the first is for the compilers of the machine to come to rest. */
const STAGES = 8;
/** One row of the client's and one of the gateway's, in arrays that double: what a request leaves behind on purpose. */
const ROW_OCTETS = 2 * 2 * 13 * Float64Array.BYTES_PER_ELEMENT;
/** Code that is compiled, tables of the machine, octets that are not collected yet. */
const NOISE_OCTETS = 3 * 2 ** 20;

interface Look {
  readonly completed: number;
  /** Objects that live. */
  readonly heapOctets: number;
  /** Typed arrays that live. */
  readonly arrayOctets: number;
  /** Of this process, us. */
  readonly cpuMicroseconds: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Looks at the process as the run passes its stages. */
class Watch implements RunObserver {
  readonly stopRequested = false;
  readonly looks: Look[] = [];
  private afterLookMicroseconds = 0;

  progress(_node: string, { completed }: { readonly completed: number }): void {
    if (completed < ((this.looks.length + 1) * REQUESTS) / STAGES) return;
    const cpuMicroseconds = this.usedMicroseconds() - this.afterLookMicroseconds;
    // Twice: what finalizers let go of is collected the second time.
    collectGarbage();
    collectGarbage();
    const { heapUsed, arrayBuffers } = memoryUsage();
    this.looks.push({ completed, heapOctets: heapUsed, arrayOctets: arrayBuffers, cpuMicroseconds });
    this.afterLookMicroseconds = this.usedMicroseconds();
  }
  emulatedTime(): void {}

  private usedMicroseconds(): number {
    const { user, system } = cpuUsage();
    return user + system;
  }
}

it(
  `a run of ${FRAMES} frames keeps nothing of them but a row a request, and does not slow down`,
  async () => {
    const topology = loadTopology('four-workers');
    const web = topology.workloads.find(({ name }) => name === 'web')!;
    const inputs = prepareInputs({ ...topology, workloads: [{ ...web, requests: REQUESTS }] }, undefined);
    const nodes = nodeOrder(topology);
    const network = { nodes, links: topology.links, seed: 1, faults: NO_FAULTS };
    const watch = new Watch();
    const { ports } = await runInMemory(network, inputs, undefined, watch);
    expect(ports.reduce((sum, { framesSent }) => sum + framesSent, 0)).toBeGreaterThanOrEqual(FRAMES);

    const [, first] = watch.looks;
    expect(watch.looks).toHaveLength(STAGES);
    for (const look of watch.looks.slice(2)) {
      expect(look.heapOctets - first!.heapOctets, 'objects').toBeLessThan(NOISE_OCTETS);
      const rows = look.completed * ROW_OCTETS;
      expect(look.arrayOctets - first!.arrayOctets, 'arrays').toBeLessThan(rows + NOISE_OCTETS);
    }
    if (!IS_NIGHTLY) return;
    const [, early] = watch.looks;
    // Whoever else is on the machine costs this process time, too: only what grows with the run is meant.
    expect(watch.looks.at(-1)!.cpuMicroseconds).toBeLessThan(2 * early!.cpuMicroseconds);
  },
  6 * PATIENCE_MS,
);
