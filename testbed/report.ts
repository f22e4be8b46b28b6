import Table from 'cli-table3';
import pc from 'picocolors';
import { formatDurationPs, PS_PER_S } from '../base/units.ts';
import type { WorkloadSummary } from '../traffic-gen/latency.ts';

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
  /** One line a node that saw the run fail; empty when all went well. */
  readonly failures: readonly string[];
}

/** The table and the lines below it, for people. */
export function formatSummary(summary: RunSummary): string {
  const table = new Table({
    head: ['workload', 'requests', 'completed', 'resent', 'failed', 'p50', 'p90', 'p99', 'p99.9', 'max', 'requests/s'],
    colAligns: ['left', ...new Array<'right'>(10).fill('right')],
    style: { head: [], border: [], compact: true },
  });
  for (const workload of summary.workloads) {
    table.push([
      workload.workload,
      workload.requests,
      workload.completed,
      workload.retransmitted,
      workload.failed === 0 ? '0' : pc.red(workload.failed),
      ...latencyCells(workload),
      Math.round(workload.throughputPerSecond).toLocaleString('en-US'),
    ]);
  }
  const lines = [
    table.toString(),
    'Latency and throughput are emulated: from the client sending a request to the answer being complete there.',
    '',
    `emulated   ${summary.emulatedSeconds.toFixed(3)} s in ${summary.wallSeconds.toFixed(2)} s of wall time (speed ${summary.speed.toFixed(2)}); ${formatDurationPs(Math.round(summary.workloadSeconds * PS_PER_S))} of it carried requests, the rest loaded firmware`,
    `frames     ${summary.frames.toLocaleString('en-US')} on all links, ${summary.framesDropped.toLocaleString('en-US')} dropped`,
    `transport  ${describeTransport(summary)}`,
    `digest     ${pc.bold(summary.digest)}`,
    `results    ${summary.results}`,
  ];
  for (const failure of summary.failures) lines.push(pc.red(`FAILED     ${failure}`));
  return `${lines.join('\n')}\n`;
}

function latencyCells({ latencyPs }: WorkloadSummary): string[] {
  if (latencyPs === undefined) return new Array<string>(5).fill('-');
  const { p50, p90, p99, p999, max } = latencyPs;
  return [p50, p90, p99, p999, max].map(formatDurationPs);
}

function describeTransport(summary: RunSummary): string {
  if (summary.transport === 'memory') return 'memory, all nodes in one process';
  const pinned = summary.pinned ? 'on one core' : 'spread over the cores';
  const datagrams = summary.datagramsSent.toLocaleString('en-US');
  return `udp, ${summary.processes} processes ${pinned}, ${datagrams} datagrams, ${summary.datagramsResent.toLocaleString('en-US')} resent`;
}
