import type { RegionMap } from '../memory/regions.ts';
import type { CommandWorld } from './commands/world.ts';
import type { Core } from './core.ts';
import type { CoreMemory } from './core-memory.ts';
import type { Program } from './program.ts';

/** What a core's engine needs beside the core. */
export interface ExecutionWorld extends CommandWorld {
  readonly program: Program;
  /** Words of all cores' local memories. */
  readonly local: Int32Array;
  /** Where `file` and `local` lie. */
  readonly coreMemory: CoreMemory;
  /** By owner of the code that asks. */
  readonly localRights: readonly RegionMap[];
  readonly entry: number;
  /** Set while a command is carried out: nothing later may happen before whoever runs the NPU has seen it. */
  readonly control: { readonly paused: boolean };
  /** A request was stopped; the details are in `core.fault`. */
  onFault(core: Core, context: number, cycle: number): void;
  /** The running context of a core wrote a mailbox, which is how programs talk to whoever watches the core. */
  onMailbox(core: Core, mailbox: number, value: number): void;
}

/**
 * Runs a core from `core.next` on until it has to wait, sets `core.next` to when it goes on.
 *
 * A core may run its own instructions ahead of everyone, since nobody else sees them. An access to what cores share
 * (a command) happens only up to `sharedUntil`, so that all accesses of the NIC come in the order of (cycle, core).
 * Nothing that depends on the outside (choosing the next context) is decided behind `until`.
 */
export type CoreEngine = (world: ExecutionWorld, core: Core, until: number, sharedUntil: number) => void;
