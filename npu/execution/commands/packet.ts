import type { WaitingFrame } from '../../nic/frame-queue.ts';
import type { NicProfile } from '../../profile.ts';
import type { Core } from '../core.ts';
import { BLOCK_WORDS, XFER_IN, XFER_OUT } from '../registers.ts';
import type { CommandPlan } from './plan.ts';
import { type CommandWorld, fault, type MemoryTarget } from './world.ts';

/** Octet address of a context's packet buffer in its island's CTM: the ABI's plan, with room for eight contexts. */
export function packetBuffer(core: Core, context: number, profile: NicProfile): number {
  return profile.packet.bufferOctets * (core.numberInIsland * 8 + context);
}

/** Whether octets lie in the context's own packet buffer. */
export function isOwnBuffer(
  core: Core,
  context: number,
  profile: NicProfile,
  target: MemoryTarget,
  address: number,
  octets: number,
): boolean {
  if (target.bufferIsland !== core.island) return false;
  const buffer = packetBuffer(core, context, profile);
  return address >= buffer && address + octets <= buffer + profile.packet.bufferOctets;
}

/** `packet_add_thread`: the context is idle until a frame comes. */
export function receive(world: CommandWorld, core: Core, context: number, plan: CommandPlan, cycle: number): number {
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

/** `packet_complete_unicast`. */
export function send(
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
  const own = isOwnBuffer(core, context, world.profile, target, address, length);
  if (!own && !target.rights[world.owners[instruction]!]!.allowsRead(address, length)) {
    return fault(core, 'unmapped-read', instruction, target.name, address);
  }
  // The MAC pads short frames with zeros (IEEE 802.3, 4.2.3.3).
  const frame = new Uint8Array(Math.max(length, 60));
  target.memory.readInto(address, frame, 0, length);
  world.onSend(cycle, port, frame);
  return cycle + packet.sendCycles;
}
