import type { QueueSample } from '../../time/node.ts';

/** From where a frame came that is not any port's: a copy for a mirror, or the switch's own. */
export const NO_INGRESS = -1;

/** What stands between the forwarding decision and the ports: memory, queues, and who is told of congestion. */
export interface EgressStage {
  /**
   * Offers a frame to a port's queue.
   * @param ingress the port that it came in at, or NO_INGRESS
   * @param priority 0 to 7
   * @param readyPs when it may leave
   * @returns the frame as it is queued, marked perhaps; undefined when it was dropped, which is recorded
   */
  offer(
    ingress: number,
    egress: number,
    frame: Uint8Array,
    priority: number,
    readyPs: number,
    nowPs: number,
  ): Uint8Array | undefined;
  /** Of the whole switch. */
  counters(): Record<string, number>;
  /** One entry a port and queue; `samples` where they were asked for. */
  queues(): QueueReport[];
}

export interface QueueReport {
  readonly port: string;
  /** Priorities of the queue, or `all`. */
  readonly priorities: string;
  readonly counters: Readonly<Record<string, number>>;
  readonly samples: readonly QueueSample[];
}
