import { formatDurationPs, formatOctets, PS_PER_S } from '../../base/units.ts';
import type { WorkloadSummary } from '../../traffic-gen/latency.ts';
import { printable, type Surface, wrapped } from '../terminal.ts';
import { figureTables } from './figure-table.ts';
import type { QueueDepth } from './queue-depths.ts';
import { formatInstant, queueName, sparkline } from './queue-plot.ts';

/** What a run came to; `summary.json` and `--json` are this. */
export interface RunSummary {
  readonly topology: string;
  readonly seed: number;
  readonly transport: 'udp' | 'memory';
  readonly clock: 'virtual';
  readonly processes: number;
  readonly pinned: boolean;
  readonly workloads: readonly WorkloadSummary[];
  readonly frames: number;
  readonly framesDropped: number;
  readonly emulatedSeconds: number;
  /** Emulated time from the first workload's first request; before it the firmware was transferred and loaded. */
  readonly workloadSeconds: number;
  readonly wallSeconds: number;
  /** Emulated seconds a wall second. */
  readonly speed: number;
  readonly digest: string;
  readonly results: string;
  readonly datagramsSent: number;
  readonly datagramsResent: number;
  /** The deepest of the queues that were sampled, the deepest first. */
  readonly queues: readonly QueueDepth[];
  /** One line a node that saw the run fail; empty when all went well. */
  readonly failures: readonly string[];
}

const COLUMN_NAMES = [
  'workload',
  'requests',
  'completed',
  'resent',
  'failed',
  'p50',
  'p90',
  'p99',
  'p99.9',
  'max',
  'requests/s',
];
const FACT_MARGIN = 11;

/** The table and the lines below it, for people: as wide as the surface, or as they are where it has no width. */
export function formatSummary(summary: RunSummary, { columns, colors }: Surface): string {
  const fact = (name: string, text: string): string => name.padEnd(FACT_MARGIN) + wrapped(text, columns, FACT_MARGIN);
  const { emulatedSeconds, wallSeconds, speed, workloadSeconds, framesDropped } = summary;
  const carryingPs = Math.round(workloadSeconds * PS_PER_S);
  const lines = [
    ...figureTables(
      COLUMN_NAMES,
      summary.workloads.map((workload) => cellsOf(workload, colors)),
      columns,
    ),
    wrapped(
      'Latency and throughput are emulated: from sending a request to its complete answer, at the client.',
      columns,
    ),
    '',
    fact(
      'emulated',
      `${emulatedSeconds.toFixed(3)} s in ${wallSeconds.toFixed(2)} s of wall time (speed ${speed.toFixed(2)}); ` +
        `${formatDurationPs(carryingPs)} of it carried requests, the rest loaded firmware`,
    ),
    fact('frames', `${grouped(summary.frames)} on all links, ${grouped(framesDropped)} dropped`),
    ...summary.queues.map((queue, index) => fact(index === 0 ? 'queues' : '', describeQueue(queue))),
    fact('transport', describeTransport(summary)),
    // Whole, whatever the width, so that both can be copied.
    `digest     ${colors.bold(summary.digest)}`,
    `results    ${summary.results}`,
  ];
  for (const failure of summary.failures) lines.push(colors.red(fact('FAILED', printable(failure))));
  return `${lines.join('\n')}\n`;
}

function cellsOf(workload: WorkloadSummary, colors: Surface['colors']): string[] {
  return [
    workload.workload,
    `${workload.requests}`,
    `${workload.completed}`,
    `${workload.retransmitted}`,
    workload.failed === 0 ? '0' : colors.red(workload.failed),
    ...latencyCells(workload),
    grouped(Math.round(workload.throughputPerSecond)),
  ];
}

function latencyCells({ latencyPs }: WorkloadSummary): string[] {
  if (latencyPs === undefined) return new Array<string>(5).fill('-');
  const { p50, p90, p99, p999, max } = latencyPs;
  return [p50, p90, p99, p999, max].map(formatDurationPs);
}

/** The line of blocks comes last and whole; where it does not fit beside its words it is on a line of its own. */
function describeQueue(queue: QueueDepth): string {
  const { maximumOctets, maximumAtPs, depths } = queue;
  const words = `${queueName(queue)}: at most ${formatOctets(maximumOctets)} at ${formatInstant(maximumAtPs)}`;
  return `${words} ${sparkline(depths, maximumOctets).replaceAll(' ', '\u00a0')}`;
}

function describeTransport(summary: RunSummary): string {
  if (summary.transport === 'memory') return 'memory, all nodes in one process';
  const pinned = summary.pinned ? 'on one core' : 'spread over the cores';
  return (
    `udp, ${summary.processes} processes ${pinned}, ` +
    `${grouped(summary.datagramsSent)} datagrams, ${grouped(summary.datagramsResent)} resent`
  );
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
