import type { MemoryLatency } from '../../profile.ts';
import type { Core } from '../core.ts';
import { NN_PUT } from '../index-registers.ts';
import { BLOCK_WORDS, NEIGHBOUR, NEIGHBOUR_REGISTERS, XFER_IN, XFER_OUT } from '../registers.ts';
import { type CommandAccess, type CommandExecutor, type CommandWorld, fault } from './world.ts';

/**
 * `ct`: signals and registers of other cores. Source: Netronome's open code: nfp/remote_me.c (addresses of reflect
 * commands), nfd pci_in/notify.c (signal and context of the receiver), nfd_cfg (interthread signals), nic-firmware
 * app_config (`ctnn_write`). *Inferred*: a command takes as long as a write into the CTM of the receiver's island, half
 * of it one way. Only code of the runtime may reach another core, whose request may be anybody's.
 */

/** Masters 0 to 3 of an island are no cores (nfp/remote_me.c). */
export const FIRST_CORE_MASTER = 4;
const TRANSFER_REGISTERS = 256;
const MOST_WORDS = 16;

/** Cycles that anything needs at least from one core to another. */
export function couplingCycles({ ctm }: { readonly ctm: { readonly latency: MemoryLatency } }): number {
  return Math.max(1, ctm.latency.writeCycles >> 1);
}

/** `interthread_signal`: island 29..24, master 12..9, context 8..6, signal 5..2 of the address. */
export const interthreadSignal: CommandExecutor = (access) => {
  const { world, address, cycle } = access;
  const receiver = receiverOf(access, (address >>> 9) & 15);
  if (receiver === undefined) return noReceiver(access);
  const roundTrip = roundTripTo(access, receiver);
  raiseSoon(world, receiver, (address >>> 6) & 7, (address >>> 2) & 15, cycle + (roundTrip >> 1));
  return cycle + roundTrip;
};

/** Who gets a signal of a reflect command. */
type Signalled = 'none' | 'init' | 'remote' | 'both';

/** `reflect_write_*`: own transfer-out registers go into transfer-in registers of another core. */
export function reflectWrite(signalled: Signalled): CommandExecutor {
  return (access) => {
    const { world, address, length, transferOut, cycle } = access;
    const receiver = receiverOf(access, (address >>> 10) & 15);
    const first = (address >>> 2) & 0xff;
    if (receiver === undefined || (address & 0x1_0000) !== 0) return noReceiver(access);
    if (length + 1 > MOST_WORDS || first + length + 1 > TRANSFER_REGISTERS) return tooLong(access);
    const words = world.file.slice(transferOut, transferOut + length + 1);
    const roundTrip = roundTripTo(access, receiver);
    const arrival = cycle + (roundTrip >> 1);
    world.mail.post(receiver, arrival, () => {
      for (const [i, word] of words.entries()) world.file[transferRegister(world, receiver, first + i, XFER_IN)] = word;
    });
    return completion(access, receiver, signalled, arrival, cycle + roundTrip);
  };
}

/** `reflect_read_*`, *inferred*: transfer-out registers of another core come into own transfer-in registers. */
export function reflectRead(signalled: Signalled): CommandExecutor {
  return (access) => {
    const { world, core, address, length, transferIn, cycle } = access;
    const sender = receiverOf(access, (address >>> 10) & 15);
    const first = (address >>> 2) & 0xff;
    if (sender === undefined || (address & 0x1_0000) !== 0) return noReceiver(access);
    if (length + 1 > MOST_WORDS || first + length + 1 > TRANSFER_REGISTERS) return tooLong(access);
    const roundTrip = roundTripTo(access, sender);
    const arrival = cycle + (roundTrip >> 1);
    const words = new Int32Array(length + 1);
    world.mail.post(sender, arrival, () => {
      for (const i of words.keys()) words[i] = world.file[transferRegister(world, sender, first + i, XFER_OUT)]!;
    });
    world.mail.post(core, cycle + roundTrip, () => {
      // By now the sender is behind the arrival, if only because it sleeps.
      world.mail.deliver(sender, arrival);
      world.file.set(words, transferIn);
    });
    return completion(access, sender, signalled, arrival, cycle + roundTrip);
  };
}

/**
 * `ctnn_write`: island 29..24, master 20..17, context 16..14 and signal 13..10 of the receiver, next-neighbour register
 * 8..2 with bit 9, else its ring.
 */
export const writeNeighbour: CommandExecutor = (access) => {
  const { world, address, length, transferOut, cycle } = access;
  const receiver = receiverOf(access, (address >>> 17) & 15);
  if (receiver === undefined) return noReceiver(access);
  if (length + 1 > MOST_WORDS) return tooLong(access);
  const words = world.file.slice(transferOut, transferOut + length + 1);
  const isAbsolute = (address & 0x200) !== 0;
  const first = (address >>> 2) & 0x7f;
  const roundTrip = roundTripTo(access, receiver);
  const arrival = cycle + (roundTrip >> 1);
  world.mail.post(receiver, arrival, () => {
    for (const [i, word] of words.entries()) {
      if (isAbsolute) world.file[neighbourRegister(world, receiver, first + i)] = word;
      else putNeighbour(world, receiver, word);
    }
  });
  raiseSoon(world, receiver, (address >>> 14) & 7, (address >>> 10) & 15, arrival);
  return cycle + roundTrip;
};

/** The core beside one in its island: the next (1) or the one before (-1). */
export function neighbourOf(cores: readonly Core[], core: Core, step: 1 | -1): Core | undefined {
  return cores.find((other) => other.island === core.island && other.numberInIsland === core.numberInIsland + step);
}

/** Adds a word to the next-neighbour ring of a core. */
export function putNeighbour(world: Pick<CommandWorld, 'file' | 'contexts'>, core: Core, word: number): void {
  const place = core.indexes[NN_PUT]!;
  world.file[neighbourRegister(world, core, place)] = word;
  core.indexes[NN_PUT] = (place + 1) & (NEIGHBOUR_REGISTERS - 1);
}

/** Raises a signal in another core, or in the one that runs. @param cycle of its arrival */
export function raiseSoon(world: CommandWorld, core: Core, context: number, signal: number, cycle: number): void {
  if (signal === 0 || context >= world.contexts) return;
  core.raise(context, signal, cycle);
  world.onSignal(core, context);
}

function completion(access: CommandAccess, other: Core, signalled: Signalled, arrival: number, done: number): number {
  const { world, signal, signalContext } = access;
  if (signalled === 'remote' || signalled === 'both') raiseSoon(world, other, signalContext, signal, arrival);
  return signalled === 'init' || signalled === 'both' ? done : NOT_HERE;
}

/** The signal of the command is not for the core that issued it. */
export const NOT_HERE = Number.POSITIVE_INFINITY;

function receiverOf({ world, address, instruction, core }: CommandAccess, master: number): Core | undefined {
  if (world.owners[instruction] !== 0) return undefined;
  const island = (address >>> 24) & 0x3f;
  const number = island === 0 ? core.islandNumber : island;
  return world.cores.find(
    (other) => other.islandNumber === number && other.numberInIsland === master - FIRST_CORE_MASTER,
  );
}

function roundTripTo({ world, core }: CommandAccess, other: Core): number {
  const { ctm } = world.profile.memories;
  const latency = core.island === other.island ? ctm.latency : ctm.remoteLatency;
  return Math.max(latency.writeCycles, 2 * couplingCycles(world.profile.memories));
}

/** Word of the register file of a transfer register that is counted over all contexts. */
function transferRegister({ contexts }: CommandWorld, core: Core, register: number, half: number): number {
  const perContext = TRANSFER_REGISTERS / contexts;
  return core.fileBase + Math.floor(register / perContext) * BLOCK_WORDS + half + (register % perContext);
}

function neighbourRegister({ contexts }: Pick<CommandWorld, 'contexts'>, core: Core, register: number): number {
  const perContext = NEIGHBOUR_REGISTERS / contexts;
  const within = register & (NEIGHBOUR_REGISTERS - 1);
  return core.fileBase + Math.floor(within / perContext) * BLOCK_WORDS + NEIGHBOUR + (within % perContext);
}

function noReceiver({ core, instruction, address }: CommandAccess): number {
  return fault(core, 'unmapped-write', instruction, 'core', address);
}

function tooLong({ core, instruction, plan, address }: CommandAccess): number {
  return fault(core, 'bad-length', instruction, plan.name, address);
}
