import type { NodeReport, QueueSample, RequestRow } from '../../time/node.ts';

/** How deep one queue was over the time in which the deepest queue of the run was worth looking at. */
export interface QueueDepth {
  readonly switch: string;
  readonly port: string;
  /** Priorities of the queue, or `all`. */
  readonly priorities: string;
  readonly maximumOctets: number;
  readonly maximumAtPs: number;
  readonly fromPs: number;
  readonly toPs: number;
  /** Largest depth in each of `DEPTH_PARTS` equal parts of the time from `fromPs` to `toPs`, octets. */
  readonly depths: readonly number[];
}

export const DEPTH_PARTS = 60;
/** Queues that a report shows, and the share of the deepest one's depth from which a depth is worth showing. */
const MOST_QUEUES = 4;
const WORTH_SHOWING = 1 / 20;

interface SampledQueue {
  readonly switch: string;
  readonly port: string;
  readonly priorities: string;
  readonly samples: readonly QueueSample[];
}

/** One row a sample, in the order of switches, ports, queues and time; the rows of `queues.csv`. */
export function queueRows(reports: ReadonlyMap<string, NodeReport>): RequestRow[] {
  return sampledQueues(reports).flatMap(({ switch: node, port, priorities, samples }) =>
    samples.map(({ timePs, periodPs, octets, maximumOctets }) => {
      return { timePs, periodPs, switch: node, port, priorities, octets, maximumOctets };
    }),
  );
}

/** The deepest queues of a run, the deepest first; none where nothing was sampled or nothing waited. */
export function deepestQueues(reports: ReadonlyMap<string, NodeReport>): QueueDepth[] {
  const queues = sampledQueues(reports).filter(({ samples }) => samples.length > 0);
  queues.sort((a, b) => deepestOf(b.samples).maximumOctets - deepestOf(a.samples).maximumOctets);
  const [first] = queues;
  if (first === undefined) return [];
  const leastOctets = deepestOf(first.samples).maximumOctets * WORTH_SHOWING;
  const worth = first.samples.filter(({ maximumOctets }) => maximumOctets >= leastOctets);
  const fromPs = worth[0]!.timePs - worth[0]!.periodPs;
  const toPs = worth.at(-1)!.timePs;
  return queues
    .filter(({ samples }) => deepestOf(samples).maximumOctets >= leastOctets)
    .slice(0, MOST_QUEUES)
    .map((queue) => depthOf(queue, fromPs, toPs));
}

function sampledQueues(reports: ReadonlyMap<string, NodeReport>): SampledQueue[] {
  return [...reports].flatMap(([node, { queueSamples }]) =>
    (queueSamples ?? []).map((queue) => ({ switch: node, ...queue })),
  );
}

/** The first of the samples with the largest depth. */
function deepestOf(samples: readonly QueueSample[]): QueueSample {
  return samples.reduce((deepest, sample) => (sample.maximumOctets > deepest.maximumOctets ? sample : deepest));
}

function depthOf({ switch: node, port, priorities, samples }: SampledQueue, fromPs: number, toPs: number): QueueDepth {
  const depths = new Array<number>(DEPTH_PARTS).fill(0);
  const partOf = (timePs: number): number => {
    const part = Math.floor(((timePs - fromPs) * DEPTH_PARTS) / (toPs - fromPs));
    return Math.min(DEPTH_PARTS - 1, Math.max(0, part));
  };
  for (const sample of samples) {
    if (sample.timePs <= fromPs || sample.timePs - sample.periodPs >= toPs) continue;
    const last = partOf(sample.timePs - 1);
    for (let part = partOf(sample.timePs - sample.periodPs); part <= last; part++) {
      depths[part] = Math.max(depths[part]!, sample.maximumOctets);
    }
  }
  const { maximumOctets, timePs: maximumAtPs } = deepestOf(samples);
  return { switch: node, port, priorities, maximumOctets, maximumAtPs, fromPs, toPs, depths };
}
