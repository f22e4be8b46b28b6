import type { PriorityMap } from '../packet/priority-map.ts';

/** The queues of a port that has several, as plain data: it travels to the process that has the port. */
export interface PortQueueing {
  /**
   * How long before a departure the port decides it, ps: the latency of a switch, whose frames join their queues so
   * long before they may leave; 0 at a host. A pause does not reach what is decided, so this is the port's response time.
   */
  readonly leadPs: number;
  /** For frames whose sender does not say their priority. */
  readonly priorities: PriorityMap;
  /** By precedence, the highest first; every priority is in one. */
  readonly queues: readonly QueueSpec[];
  /**
   * Priorities under flow control: the port obeys PFC for them, and the bound of the port does not drop them. Who sends
   * them keeps account of them (a switch), or has them in its own memory until they leave (a host).
   */
  readonly lossless: readonly number[];
  /** A pause without a break that lasts longer is a storm, ps. */
  readonly stormPs: number;
}

export interface QueueSpec {
  readonly priorities: readonly number[];
  /** Share among the weighted queues; undefined: strict priority. */
  readonly weight?: number | undefined;
}
