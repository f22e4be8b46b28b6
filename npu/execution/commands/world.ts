import type { MemoryEngine } from '../../memory/engine.ts';
import type { Memory } from '../../memory/memory.ts';
import type { RegionMap } from '../../memory/regions.ts';
import type { Dispatcher } from '../../nic/dispatcher.ts';
import type { MemoryLatency, NicProfile } from '../../profile.ts';
import type { Core, FaultKind } from '../core.ts';
import type { CoreMail } from '../core-mail.ts';
import type { CommandPlan } from './plan.ts';
import type { NicRings } from './rings.ts';

/** One memory as a core can reach it. */
export interface MemoryTarget {
  readonly name: string;
  readonly memory: Memory;
  readonly engine: MemoryEngine;
  /** By owner of the code that asks. */
  readonly rights: readonly RegionMap[];
  readonly latency: MemoryLatency;
  /** The island it belongs to, or -1: that island's cores have packet buffers in it (CTM only). */
  readonly bufferIsland: number;
}

/** What commands act on: the NIC outside the cores. */
export interface CommandWorld {
  readonly profile: NicProfile;
  readonly file: Int32Array;
  readonly dispatcher: Dispatcher;
  readonly contexts: number;
  /** By instruction: whose code it is, an index into the rights of memories; 0 is the runtime. */
  readonly owners: Uint16Array;
  /** By island: its own CTM and CLS. */
  readonly ownCtm: readonly MemoryTarget[];
  readonly ownCls: readonly MemoryTarget[];
  /** By island of the core, then by address bits 39..32. */
  readonly byTopOctet: readonly (readonly (MemoryTarget | undefined)[])[];
  /** By island of the core, then by number of an island: its CLS. */
  readonly clsByIsland: readonly (readonly (MemoryTarget | undefined)[])[];
  /** By index. */
  readonly cores: readonly Core[];
  readonly rings: NicRings;
  readonly mail: CoreMail;
  onSend(cycle: number, port: number, frame: Uint8Array): void;
  /** A core that did not run has a signal on its way to one of its contexts. */
  onSignal(core: Core, context: number): void;
}

/** One command while it is carried out, as the rarer ones see it. */
export interface CommandAccess {
  readonly world: CommandWorld;
  readonly core: Core;
  readonly context: number;
  readonly plan: CommandPlan;
  readonly instruction: number;
  /** Where the address leads, in octets of that memory; undefined: to no memory of this NIC. */
  readonly target: MemoryTarget | undefined;
  readonly address: number;
  /** The length field of the instruction or of the override: 0 to 31. */
  readonly length: number;
  /** Result of the instruction before, if the command has `indirect_ref`; else 0. */
  readonly override: number;
  /** Number of the first transfer register in its context. */
  readonly xfer: number;
  /** Words of the register file: the first transfer-in and transfer-out register of the command. */
  readonly transferIn: number;
  readonly transferOut: number;
  /** Signal that the command raises and the context of this core that gets it; 0: none. */
  readonly signal: number;
  readonly signalContext: number;
  readonly cycle: number;
}

/** Carries a command out. @returns the cycle in which its signal is seen; -1 on a fault; NEVER: someone else raises it */
export type CommandExecutor = (access: CommandAccess) => number;

/** Stops the request. @returns -1 */
export function fault(core: Core, kind: FaultKind, instruction: number, memory: string, address: number): number {
  core.fault = { kind, instruction, memory, address };
  return -1;
}

/** Whether the owner of an instruction may write, or only read, octets of a memory, packet buffers apart. */
export function ownerMay(
  { world, instruction }: Pick<CommandAccess, 'world' | 'instruction'>,
  target: MemoryTarget,
  address: number,
  octets: number,
  what: 'read' | 'write',
): boolean {
  const rights = target.rights[world.owners[instruction]!]!;
  return what === 'read' ? rights.allowsRead(address, octets) : rights.allowsWrite(address, octets);
}
