import {
  ACCESS_ATOMIC_READ,
  ACCESS_ATOMIC_WRITE,
  ACCESS_READ,
  ACCESS_WRITE,
  type AccessKind,
  type MemoryEngine,
} from '../memory/engine.ts';
import type { Memory } from '../memory/memory.ts';
import type { RegionMap } from '../memory/regions.ts';
import type { Dispatcher } from '../nic/dispatcher.ts';
import type { WaitingFrame } from '../nic/frame-queue.ts';
import type { MemoryLatency, NicProfile } from '../profile.ts';
import {
  ATOMIC_READ,
  applyAtomic,
  applyAtomic64,
  COMMAND_ATOMIC,
  COMMAND_READ,
  COMMAND_RECEIVE,
  COMMAND_SEND,
  type CommandPlan,
  MAXIMUM_UNITS,
} from './command-plan.ts';
import type { Core, FaultKind } from './core.ts';
import { isModelled, overriddenLength, overrideData } from './override.ts';
import { BLOCK_WORDS, XFER_IN, XFER_OUT } from './registers.ts';

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
  /** By instruction: whose code it is, an index into the rights of memories. */
  readonly owners: Uint16Array;
  /** By island: its own CTM and CLS. */
  readonly ownCtm: readonly MemoryTarget[];
  readonly ownCls: readonly MemoryTarget[];
  /** By island of the core, then by address bits 39..32. */
  readonly byTopOctet: readonly (readonly (MemoryTarget | undefined)[])[];
  onSend(cycle: number, port: number, frame: Uint8Array): void;
}

/** Octet address of a context's packet buffer in its island's CTM: the ABI's plan, with room for eight contexts. */
export function packetBuffer(core: Core, context: number, profile: NicProfile): number {
  return profile.packet.bufferOctets * (core.numberInIsland * 8 + context);
}

/**
 * Carries out a command, now: data moves, the engine's time is taken, and the cycle of the signal is known at once.
 * Called in the order of issue over all cores.
 * @param previous result of the instruction before, for `indirect_ref`
 * @returns the cycle in which the signal is seen; NEVER if that depends on a frame; -1 on a fault (in `core.fault`)
 */
export function executeCommand(
  world: CommandWorld,
  core: Core,
  context: number,
  plan: CommandPlan,
  instruction: number,
  a: number,
  b: number,
  previous: number,
  cycle: number,
): number {
  core.commands++;
  if (plan.action === COMMAND_RECEIVE) return receive(world, core, context, plan, cycle);
  if (plan.action === COMMAND_SEND) return send(world, core, context, plan, instruction, cycle);

  let target: MemoryTarget | undefined;
  let address: number;
  if (plan.memory === 'cls') {
    target = world.ownCls[core.island]!;
    address = (a + b + plan.offset) >>> 0;
  } else if (plan.shifted) {
    const sum = (a >>> 0) * 256 + (b >>> 0);
    target = world.byTopOctet[core.island]![Math.floor(sum / 2 ** 32) & 0xff];
    address = sum % 2 ** 32;
  } else {
    target = world.ownCtm[core.island]!;
    address = (a + b + plan.offset) >>> 0;
  }

  const { action } = plan;
  let { count, unit } = plan;
  if (plan.indirect && !isModelled(previous, plan.immediate)) {
    return fault(core, 'bad-override', instruction, plan.name, address);
  }
  const field = plan.indirect ? overriddenLength(previous) : -1;
  if (field >= 0) {
    if (action === COMMAND_ATOMIC) {
      count = (field & 3) + 1;
      unit = (field & 4) !== 0 && plan.memory === 'mem' ? 8 : unit;
    } else count = field + 1;
  }
  const octets = count * unit;
  const words = (octets + 3) >>> 2;
  const registers = world.contexts === 8 ? 32 : 64;
  if (count > MAXIMUM_UNITS[unit] || (!plan.immediate && plan.xfer + words > registers)) {
    return fault(core, 'bad-length', instruction, plan.name, address);
  }
  if (target === undefined) {
    return fault(core, action === COMMAND_READ ? 'unmapped-read' : 'unmapped-write', instruction, plan.name, address);
  }
  if (unit !== 1 && (address & (unit - 1)) !== 0) return fault(core, 'misaligned', instruction, target.name, address);

  const reads = action === COMMAND_READ || (action === COMMAND_ATOMIC && plan.atomic === ATOMIC_READ);
  if (!mayAccess(world, core, context, instruction, target, address, octets, reads)) {
    return fault(core, reads ? 'unmapped-read' : 'unmapped-write', instruction, target.name, address);
  }

  const block = core.fileBase + context * BLOCK_WORDS;
  let kind: AccessKind;
  if (action === COMMAND_READ) {
    kind = ACCESS_READ;
    readData(world.file, block + XFER_IN + plan.xfer, target.memory, address, octets, plan);
  } else if (action === COMMAND_ATOMIC) {
    kind = plan.returns ? ACCESS_ATOMIC_READ : ACCESS_ATOMIC_WRITE;
    atomicData(world.file, block, target.memory, address, count, unit, plan, previous);
  } else {
    kind = ACCESS_WRITE;
    writeData(world.file, block + XFER_OUT + plan.xfer, target.memory, address, octets, plan);
  }
  return target.engine.access(cycle, address, octets, kind, target.latency);
}

function mayAccess(
  world: CommandWorld,
  core: Core,
  context: number,
  instruction: number,
  target: MemoryTarget,
  address: number,
  octets: number,
  reads: boolean,
): boolean {
  if (target.bufferIsland === core.island) {
    const buffer = packetBuffer(core, context, world.profile);
    if (address >= buffer && address + octets <= buffer + world.profile.packet.bufferOctets) return true;
  }
  const rights = target.rights[world.owners[instruction]!]!;
  return reads ? rights.allowsRead(address, octets) : rights.allowsWrite(address, octets);
}

function readData(
  file: Int32Array,
  at: number,
  memory: Memory,
  address: number,
  octets: number,
  plan: CommandPlan,
): void {
  const words = (octets + 3) >>> 2;
  if (plan.unit === 1 && ((address | octets) & 3) !== 0) {
    // Octets come in from the most significant end; what is left of the last word is zero.
    for (let i = 0; i < words; i++) file[at + i] = 0;
    for (let i = 0; i < octets; i++) file[at + (i >>> 2)]! |= memory.readOctet(address + i) << (24 - 8 * (i & 3));
  } else memory.readWords(address, file, at, words);
  if (plan.swapped) for (let i = 0; i < words; i++) file[at + i] = reverseOctets(file[at + i]!);
}

function writeData(
  file: Int32Array,
  at: number,
  memory: Memory,
  address: number,
  octets: number,
  plan: CommandPlan,
): void {
  const { swapped, unit } = plan;
  if (unit !== 1 && !swapped) {
    memory.writeWords(address, file, at, octets >>> 2);
    return;
  }
  if (unit !== 1) {
    for (let i = 0; i < octets; i += 4) memory.writeWord(address + i, reverseOctets(file[at + (i >>> 2)]!));
    return;
  }
  for (let i = 0; i < octets; i++) {
    const word = file[at + (i >>> 2)]!;
    const shift = swapped ? 8 * (i & 3) : 24 - 8 * (i & 3);
    memory.writeOctet(address + i, word >>> shift);
  }
}

function atomicData(
  file: Int32Array,
  block: number,
  memory: Memory,
  address: number,
  count: number,
  unit: number,
  plan: CommandPlan,
  previous: number,
): void {
  const input = block + XFER_OUT + plan.xfer;
  const output = block + XFER_IN + plan.xfer;
  const immediate = overrideData(previous);
  for (let i = 0; i < count; i++) {
    const at = address + i * unit;
    if (unit === 8) {
      const old = join(memory.readWord(at), memory.readWord(at + 4));
      const operand = plan.immediate ? BigInt(immediate) : join(file[input + 2 * i]!, file[input + 2 * i + 1]!);
      const result = applyAtomic64(plan.atomic, old, operand);
      if (plan.returns) {
        file[output + 2 * i] = Number(old >> 32n);
        file[output + 2 * i + 1] = Number(old & 0xffff_ffffn);
      }
      memory.writeWord(at, Number(result >> 32n));
      memory.writeWord(at + 4, Number(result & 0xffff_ffffn));
    } else {
      const old = memory.readWord(at);
      const operand = plan.immediate ? immediate : file[input + i]!;
      if (plan.returns) file[output + i] = old;
      if (plan.atomic !== ATOMIC_READ) memory.writeWord(at, applyAtomic(plan.atomic, old, operand));
    }
  }
}

function join(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function reverseOctets(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

function receive(world: CommandWorld, core: Core, context: number, plan: CommandPlan, cycle: number): number {
  core.used[context] = 0;
  core.receiveXfer[context] = plan.xfer;
  core.receiveSignal[context] = plan.signal;
  const work = world.dispatcher.join(core.index * 8 + context);
  return work === undefined ? Number.POSITIVE_INFINITY : acceptFrame(world, core, context, work, cycle);
}

/** Puts a frame into the context's buffer and its description into `$xfer`. @returns the cycle of the wake-up */
export function acceptFrame(
  world: CommandWorld,
  core: Core,
  context: number,
  work: WaitingFrame,
  cycle: number,
): number {
  const { packet } = world.profile;
  const at = packetBuffer(core, context, world.profile) + packet.frameOffsetOctets;
  world.ownCtm[core.island]!.memory.write(at, work.frame);
  const registers = core.fileBase + context * BLOCK_WORDS + XFER_IN + core.receiveXfer[context]!;
  world.file[registers] = (work.frame.length << 16) | work.port;
  world.file[registers + 1] = at;
  world.file[registers + 2] = 0;
  world.file[registers + 3] = work.sequence;
  core.received[context] = 1;
  core.sequence[context] = work.sequence;
  core.ingressPort[context] = work.port;
  core.lambda[context] = work.lambda;
  core.budget[context] = work.budgetCycles;
  core.wakeCycles[context] = packet.receiveCoreCycles;
  return cycle + packet.dispatchCycles;
}

function send(
  world: CommandWorld,
  core: Core,
  context: number,
  plan: CommandPlan,
  instruction: number,
  cycle: number,
): number {
  const { packet } = world.profile;
  const descriptor = core.fileBase + context * BLOCK_WORDS + XFER_OUT + plan.xfer;
  const length = world.file[descriptor]! >>> 16;
  const port = world.file[descriptor]! & 0xffff;
  const address = world.file[descriptor + 1]! >>> 0;
  const target = world.ownCtm[core.island]!;
  if (length < 14 || length > packet.maximumFrameOctets) {
    return fault(core, 'bad-frame', instruction, `${length} octets`, address);
  }
  if (!mayAccess(world, core, context, instruction, target, address, length, true)) {
    return fault(core, 'unmapped-read', instruction, target.name, address);
  }
  // The MAC pads short frames with zeros (IEEE 802.3, 4.2.3.3).
  const frame = new Uint8Array(Math.max(length, 60));
  target.memory.readInto(address, frame, 0, length);
  world.onSend(cycle, port, frame);
  return cycle + packet.sendCycles;
}

function fault(core: Core, kind: FaultKind, instruction: number, memory: string, address: number): number {
  core.fault = { kind, instruction, memory, address };
  return -1;
}
