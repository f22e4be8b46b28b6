import { NO_FAULTS } from '../../faults/fault.ts';
import { nodeOrder } from '../../testbed/processes/process-plan.ts';
import { orderOutcome } from '../../testbed/results/outcome.ts';
import { runInMemory } from '../../testbed/run/memory-run.ts';
import { prepareInputs } from '../../testbed/run/run-inputs.ts';
import { loadTopology } from '../../topology/load-topology.ts';
import type { RunInputs } from '../../topology/run-inputs.ts';
import type { Topology } from '../../topology/types.ts';
import { idleWorkerOctets } from './idle-worker.ts';
import { runNs3 } from './ns3-bench.ts';
import { nullInputs, SMALL_BODY } from './null-load.ts';
import { grouped, median, type RatioRow } from './ratio-table.ts';
import { LARGE_MESSAGES, runStar, SMALL_MESSAGES, type StarLoad, type StarTimed } from './star.ts';
import { topologyWith } from './wide-topology.ts';

const REPETITIONS = Number(process.env.BENCH_REPETITIONS ?? 3);
const SILENT = { stopRequested: false, progress() {}, emulatedTime() {} };

const SMALL = { ...SMALL_MESSAGES, stations: 5 };
const LARGE = { ...LARGE_MESSAGES, stations: 5 };
const WEB_REQUESTS = 50_000;
const WEB_OUTSTANDING = 8;
const FEW_WORKERS = 4;
const MANY_WORKERS = 64;
const MILLION = 1_000_000;

interface Case {
  readonly name: string;
  /** @param ns3 the program of `ns3/star.cc`; undefined where it cannot be built, so that what needs it is left out */
  readonly measure: (name: string, ns3: string | undefined) => Promise<RatioRow | undefined>;
}

const CASES: readonly Case[] = [
  { name: 'star, closed loop / ns-3', measure: star({ ...SMALL, outstanding: 1 }, 8) },
  { name: 'star, 56 outstanding / ns-3', measure: star({ ...SMALL, outstanding: 56 }, 8) },
  { name: '64 x 1,100 octets / ns-3', measure: star({ ...LARGE, outstanding: 1 }, undefined) },
  { name: 'full web model / ns-3', measure: fullModel },
  { name: 'CPU a hop, 64 workers / 4', measure: widening },
  { name: 'memory of an idle worker', measure: idleMemory },
  { name: '10^6 requests to 64 workers', measure: million },
];

/** What one process reaches, in the cases whose names hold the selection. */
export async function oneProcess(
  isSelected: (name: string) => boolean,
  ns3: () => string | undefined,
): Promise<RatioRow[]> {
  const rows: RatioRow[] = [];
  for (const { name, measure } of CASES) {
    const label = `one process: ${name}`;
    if (!isSelected(label)) continue;
    process.stderr.write(`${label} ...\n`);
    const row = await measure(label, name.endsWith('ns-3') ? ns3() : undefined);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

/** The network alone: stations with no protocol above Ethernet, the same in both. */
function star(load: StarLoad, atLeast: number | undefined): Case['measure'] {
  return async (name, ns3) => {
    if (ns3 === undefined) return undefined;
    // V8 has not optimised anything before the first run; ns-3 comes compiled.
    runStar(load);
    const pairs = await inTurns(
      () => runNs3(ns3, load),
      () => runStar(load),
    );
    return besideNs3(name, pairs, atLeast);
  };
}

/**
 * The default web workload with everything in it, client to gateway to worker and back: codecs, gateway, host stacks,
 * lambda on an emulated NPU. ns-3 carries as many frames of the same mean length between stations that do nothing.
 */
async function fullModel(name: string, ns3: string | undefined): Promise<RatioRow | undefined> {
  if (ns3 === undefined) return undefined;
  const inputs = webInputs(loadTopology('four-workers'));
  const warm = await runTimed(inputs);
  const load: StarLoad = {
    ...SMALL,
    stations: FEW_WORKERS + 2,
    outstanding: WEB_OUTSTANDING,
    frameOctets: Math.round(warm.octets / warm.hops),
  };
  const pairs = await inTurns(
    () => runNs3(ns3, load),
    () => runTimed(inputs),
  );
  const row = besideNs3(name, pairs, 2);
  const requests = median(pairs.map(({ ours }) => WEB_REQUESTS / ours.seconds));
  return { ...row, figures: `${row.figures}, ${grouped(requests)} requests/s` };
}

/** Processor time, since the wall clock's is not to be told from other people's work on the machine otherwise. */
async function widening(name: string): Promise<RatioRow> {
  const load = { requests: 100_000, outstanding: 56, bodyOctets: SMALL_BODY, gateway: false };
  const few = nullInputs(topologyWith(FEW_WORKERS), load);
  const many = nullInputs(topologyWith(MANY_WORKERS), load);
  for (const inputs of [few, many]) await runTimed(inputs);
  const pairs = await inTurns(
    () => runTimed(few),
    () => runTimed(many),
  );
  const nanoseconds = ({ cpuSeconds, hops }: Timed) => (1e9 * cpuSeconds) / hops;
  return {
    name,
    value: median(pairs.map(({ theirs, ours }) => nanoseconds(ours) / nanoseconds(theirs))),
    unit: 'x',
    aim: { atMost: 1.35 },
    figures:
      `${grouped(median(pairs.map(({ ours }) => nanoseconds(ours))))} ns against ` +
      `${grouped(median(pairs.map(({ theirs }) => nanoseconds(theirs))))} ns of processor time`,
  };
}

async function idleMemory(name: string): Promise<RatioRow> {
  const octets = idleWorkerOctets(webInputs(topologyWith(MANY_WORKERS)), MANY_WORKERS);
  const figures = `${MANY_WORKERS} workers with their firmware: heap, external and array buffers`;
  return { name, value: octets / 1e6, unit: 'MB', aim: { atMost: 4 }, figures };
}

async function million(name: string): Promise<RatioRow> {
  const load = { requests: MILLION, outstanding: 56, bodyOctets: SMALL_BODY, gateway: false };
  const { seconds, hops } = await runTimed(nullInputs(topologyWith(MANY_WORKERS), load));
  return { name, value: seconds, unit: 's', aim: undefined, figures: `once; ${grouped(hops / seconds)} frame hops/s` };
}

function webInputs(topology: Topology): RunInputs {
  const web = topology.workloads.find(({ name }) => name === 'web')!;
  const workloads = [{ ...web, requests: WEB_REQUESTS, concurrency: WEB_OUTSTANDING }];
  return prepareInputs({ ...topology, workloads }, undefined);
}

interface Timed extends StarTimed {
  readonly octets: number;
}

async function runTimed(inputs: RunInputs): Promise<Timed> {
  const nodes = nodeOrder(inputs.topology);
  const network = { nodes, links: inputs.topology.links, seed: 1, faults: NO_FAULTS };
  const before = process.cpuUsage();
  const part = await runInMemory(network, inputs, undefined, SILENT);
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6;
  const { reports, ports, runningMs } = orderOutcome([part], nodes);
  for (const [node, { failure }] of reports) if (failure !== undefined) throw new Error(`${node}: ${failure}`);
  return {
    seconds: runningMs / 1000,
    cpuSeconds,
    hops: ports.reduce((sum, { framesSent }) => sum + framesSent, 0),
    octets: ports.reduce((sum, { octetsSent }) => sum + octetsSent, 0),
  };
}

interface Pair<Theirs, Ours> {
  readonly theirs: Theirs;
  readonly ours: Ours;
}

/** Each beside the other, because the machine's speed drifts. */
async function inTurns<Theirs, Ours>(
  theirs: () => Theirs | Promise<Theirs>,
  ours: () => Ours | Promise<Ours>,
): Promise<Pair<Theirs, Ours>[]> {
  const pairs: Pair<Theirs, Ours>[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    pairs.push({ theirs: await theirs(), ours: await ours() });
  }
  return pairs;
}

function besideNs3(name: string, pairs: readonly Pair<StarTimed, StarTimed>[], atLeast: number | undefined): RatioRow {
  const rate = ({ hops, seconds }: StarTimed) => hops / seconds;
  const ours = median(pairs.map((pair) => rate(pair.ours)));
  const theirs = median(pairs.map((pair) => rate(pair.theirs)));
  const perCpu = ({ hops, cpuSeconds }: StarTimed) => hops / cpuSeconds;
  const byCpu = median(pairs.map((pair) => perCpu(pair.ours) / perCpu(pair.theirs)));
  return {
    name,
    value: median(pairs.map((pair) => rate(pair.ours) / rate(pair.theirs))),
    unit: 'x',
    aim: atLeast === undefined ? undefined : { atLeast },
    figures: `${grouped(ours)} frame hops/s against ${grouped(theirs)}; ${byCpu.toFixed(2)} x by processor time`,
  };
}
