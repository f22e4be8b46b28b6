import type { TimerHandle } from '../time/node.ts';

/** Clock, timers and wire: all that the engine touches. A `NodeContext` and one of its ports make one. */
export interface RdmaEnvironment {
  nowPs(): number;
  at(timePs: number, callback: () => void): TimerHandle;
  cancel(timer: TimerHandle): void;
  /** Takes a complete Ethernet frame; it may be lost. */
  transmit(frame: Uint8Array): void;
}
