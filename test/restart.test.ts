import { describe, expect, it } from 'vitest';
import { PS_PER_MS } from '../base/units.ts';
import type { FaultPlan } from '../faults/fault.ts';
import { nodeOrder } from '../testbed/processes/process-plan.ts';
import { orderOutcome, type RunOutcome } from '../testbed/results/outcome.ts';
import { runInMemory } from '../testbed/run/memory-run.ts';
import { prepareInputs } from '../testbed/run/run-inputs.ts';
import type { RunObserver } from '../testbed/run/run-observer.ts';
import { loadTopology } from '../topology/load-topology.ts';
import type { Topology } from '../topology/types.ts';

const SILENT: RunObserver = { stopRequested: false, progress: () => {}, emulatedTime: () => {} };
/** The real card takes ten seconds to load: nothing that a test needs to see of a restart. */
const LOAD = { fixedPs: PS_PER_MS, instructionPs: 0, dataOctetPs: 200 };
const AWAY_PS = 65 * PS_PER_MS;
/** Two requests outstanding: the first that get to a worker that is away wait for it, and for a timeout to pass. */
const CONCURRENCY = 2;
const RESEND_PS = 15 * PS_PER_MS;

function quickTopology(requests: number): Topology {
  const topology = loadTopology('four-workers');
  const web = topology.workloads.find(({ name }) => name === 'web')!;
  return {
    ...topology,
    hosts: topology.hosts.map((host) =>
      host.role === 'worker' ? { ...host, nic: { ...host.nic, firmwareLoad: LOAD } } : host,
    ),
    workloads: [{ ...web, requests, concurrency: CONCURRENCY }],
  };
}

async function runWith(topology: Topology, faults: FaultPlan): Promise<RunOutcome> {
  const inputs = prepareInputs(topology, undefined);
  const nodes = nodeOrder(topology);
  const network = { nodes, links: topology.links, seed: 1, faults };
  return orderOutcome([await runInMemory(network, inputs, undefined, SILENT)], nodes);
}

/** When the lambdas can be called, ps: the same for any number of requests. */
async function publishing(): Promise<number> {
  const { reports } = await runWith(quickTopology(1), { links: [], nodes: [] });
  return (reports.get('m1')!.details as { readonly publishedPs: number }).publishedPs;
}

describe('a worker that restarts in the middle of a run', () => {
  it('is given its firmware again and serves as before; until then the others do', async () => {
    const publishedPs = await publishing();
    const atPs = publishedPs + 5 * PS_PER_MS;
    const restart = { name: 'restart', node: 'm4', kind: 'restart', atPs, forPs: AWAY_PS } as const;
    const { events, reports } = await runWith(quickTopology(3_000), { links: [], nodes: [restart] });

    const lostPs = events.find(({ event }) => event.kind === 'worker-lost')!.timePs;
    const back = events.findLast(({ event }) => event.kind === 'firmware-loaded' && event.worker === 'm4')!;
    expect(lostPs).toBeGreaterThan(atPs);
    expect(back.timePs).toBeGreaterThan(atPs + AWAY_PS);

    const rows = reports.get('m1')!.rows!;
    expect(rows.every(({ status }) => status === 'ok')).toBe(true);
    const { endPs } = rows.at(-1) as { readonly endPs: number };
    /** Requests that ended in a stretch of time, a millisecond: all, and those of the worker. */
    const ratesIn = (fromPs: number, toPs: number): { readonly all: number; readonly own: number } => {
      const ended = rows.filter((row) => Number(row.endPs) >= fromPs && Number(row.endPs) < toPs);
      const milliseconds = (toPs - fromPs) / PS_PER_MS;
      return {
        all: ended.length / milliseconds,
        own: ended.filter(({ worker }) => worker === 'm4').length / milliseconds,
      };
    };
    const before = ratesIn(publishedPs + PS_PER_MS, atPs);
    const without = ratesIn(lostPs + RESEND_PS, back.timePs);
    const after = ratesIn(back.timePs + PS_PER_MS, endPs);
    expect(before.own).toBeCloseTo(before.all / 4, 0);
    expect(without.own).toBe(0);
    expect(without.all).toBeGreaterThan(before.all / 2);
    expect(after.own / after.all).toBeCloseTo(0.25, 1);
    expect(after.all / before.all).toBeGreaterThan(0.9);
    const details = reports.get('m1')!.details as { readonly deployments: readonly { readonly returns: number }[] };
    expect(details.deployments.map(({ returns }) => returns)).toEqual([0, 0, 1, 0]);
  });

  it('is not waited for when it never comes back: what it had goes to the others', async () => {
    const atPs = (await publishing()) + PS_PER_MS;
    const crash = { name: 'crash', node: 'm4', kind: 'crash', atPs, forPs: 0 } as const;
    const { events, reports } = await runWith(quickTopology(300), { links: [], nodes: [crash] });
    expect(events.filter(({ event }) => event.kind === 'worker-lost')).toHaveLength(1);
    expect(reports.get('m1')!.rows!.every(({ status }) => status === 'ok')).toBe(true);
    expect(reports.get('m1')!.failure).toBeUndefined();
    expect(reports.get('client')!.failure).toBeUndefined();
  });
});
