import type { PortReport } from '../../link/network.ts';
import type { RecordedEvent } from '../../link/node-runtime.ts';
import type { NodeReport } from '../../time/node.ts';

/** What a run left behind, whatever the transport: the results folder is written from this alone. */
export interface RunOutcome {
  /** In node order. */
  readonly reports: ReadonlyMap<string, NodeReport>;
  /** Every link direction, by name. */
  readonly ports: readonly PortReport[];
  /** By time, node, sequence. */
  readonly events: readonly RecordedEvent[];
  /** Emulated time of the last event, ps. */
  readonly endPs: number;
  readonly executedEvents: number;
  /** Datagrams between processes; zero in one process. */
  readonly datagramsSent: number;
  readonly datagramsResent: number;
  /** Processor time of all processes from the start order on, ms. */
  readonly cpuMs: number;
  /** Wall time from the start order to the last event, ms: without starting processes and writing results. */
  readonly runningMs: number;
}

/** Brings what processes sent in any order into the one order that results have. */
export function orderOutcome(parts: readonly RunPart[], nodes: readonly string[]): RunOutcome {
  const reports = new Map<string, NodeReport>();
  for (const node of nodes) {
    const part = parts.find((candidate) => candidate.reports[node] !== undefined);
    if (part !== undefined) reports.set(node, part.reports[node]!);
  }
  const places = new Map(nodes.map((node, place) => [node, place]));
  const events = parts.flatMap((part) => part.events);
  events.sort((a, b) => a.timePs - b.timePs || places.get(a.node)! - places.get(b.node)! || a.sequence - b.sequence);
  const ports = parts.flatMap((part) => part.ports);
  ports.sort((a, b) => (a.direction < b.direction ? -1 : 1));
  return {
    reports,
    ports,
    events,
    endPs: Math.max(0, ...parts.map((part) => part.endPs)),
    executedEvents: total(parts.map((part) => part.executedEvents)),
    datagramsSent: total(parts.map((part) => part.datagramsSent)),
    datagramsResent: total(parts.map((part) => part.datagramsResent)),
    cpuMs: total(parts.map((part) => part.cpuMs)),
    runningMs: Math.max(0, ...parts.map((part) => part.runningMs)),
  };
}

/** The share of one process. */
export interface RunPart {
  readonly reports: Readonly<Record<string, NodeReport>>;
  readonly ports: readonly PortReport[];
  readonly events: readonly RecordedEvent[];
  readonly endPs: number;
  readonly executedEvents: number;
  readonly datagramsSent: number;
  readonly datagramsResent: number;
  /** Processor time while it ran, ms. */
  readonly cpuMs: number;
  readonly runningMs: number;
}

/** The run ended before its end; `cause` says why, `parts` are what was recorded until then. */
export class EndedEarly extends Error {
  override name = 'EndedEarly';
  override readonly cause: Error;
  readonly parts: readonly RunPart[];

  constructor(cause: Error, parts: readonly RunPart[]) {
    super(cause.message);
    this.cause = cause;
    this.parts = parts;
  }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
