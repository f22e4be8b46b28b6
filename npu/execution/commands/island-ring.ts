import { ACCESS_ATOMIC_READ, ACCESS_ATOMIC_WRITE } from '../../memory/engine.ts';
import { ISLAND_RINGS, type IslandRing, maySetUp, mayUse } from './rings.ts';
import { WordRing } from './word-ring.ts';
import { askForWork, handOut, WHEN_WORK_COMES } from './work-queue.ts';
import { type CommandAccess, type CommandExecutor, fault, type MemoryTarget } from './world.ts';

/**
 * Rings in the CLS and in the CTM of an island, set up through registers. Fields: open flowenv, nfp6000/nfp_cls.h and
 * nfp6000/nfp_ctm.h; use: open nfd, utils/cls_ring.c and utils/ctm_ring.c.
 */

const MOST_WORDS = 16;

/** Adds words; *inferred*: those that do not fit all are lost. */
export const putIntoRing = onIslandRing('write', (access, { ring, registers }) => {
  const words = access.length + 1;
  const at = ring.addressOf(ring.tail);
  if (ring.count + words <= ring.words) add(access, ring, registers, words);
  return timed(access, ring, at, words, false);
});

/** Adds words over the oldest if the ring is full. */
export const journalIntoRing = onIslandRing('write', (access, { ring, registers }) => {
  const words = access.length + 1;
  const at = ring.addressOf(ring.tail);
  add(access, ring, registers, words);
  return timed(access, ring, at, words, false);
});

/** Takes the oldest words; *inferred*, also of the forms that are not called "freely": what is not there is zero. */
export const getFromRing = onIslandRing('read', (access, { ring, registers }) => {
  const words = access.length + 1;
  const at = ring.addressOf(ring.head);
  registers.taken += Math.min(words, ring.count);
  ring.takeOldest(access.world.file, access.transferIn, words);
  return timed(access, ring, at, words, true);
});

/** Takes the words that were added last. */
export const popFromRing = onIslandRing('read', (access, { ring, registers }) => {
  const words = access.length + 1;
  const there = Math.min(words, ring.count);
  const at = ring.addressOf(ring.head + ring.count - there);
  registers.added -= there;
  ring.takeNewest(access.world.file, access.transferIn, words);
  return timed(access, ring, at, words, true);
});

export const addWorkToRing = onIslandRing('write', (access, { ring, registers }) => {
  const words = access.length + 1;
  const at = ring.addressOf(ring.tail);
  add(access, ring, registers, words);
  const done = timed(access, ring, at, words, false);
  handOut(access, ring, done);
  registers.taken = registers.added - ring.count;
  return done;
});

export const addThreadToRing = onIslandRing('read', (access, { ring, registers }) => {
  const words = access.length + 1;
  const at = ring.addressOf(ring.head);
  const there = askForWork(access, ring, words);
  registers.taken = registers.added - ring.count;
  const done = timed(access, ring, at, words, true);
  return there ? done : WHEN_WORK_COMES;
});

/**
 * `cls[read]` and `cls[write]` behind the memory: registers of its rings, base and size (8 octets a ring from 0x10000
 * on), head and tail (from 0x10080 on). @returns -1 on a fault
 */
export function clsRingRegisters(access: CommandAccess, writes: boolean): number {
  const { world, core, instruction, address, target, length, transferIn, transferOut, cycle } = access;
  const offset = address - 0x10000;
  const rings = ringsOf(access, 'cls');
  if (target === undefined || rings === undefined || length !== 0 || offset >= 0x100 || (offset & 7) !== 0) {
    return fault(core, writes ? 'unmapped-write' : 'unmapped-read', instruction, 'cls', address);
  }
  const registers = rings[(offset >>> 3) & (ISLAND_RINGS - 1)]!;
  const isPointers = offset >= 0x80;
  if (!writes) {
    world.file[transferIn] = isPointers ? clsPointers(registers) : clsBase(registers);
  } else {
    const value = world.file[transferOut]!;
    const done = isPointers
      ? setPointers(access, registers, value & 0x1fff, (value >>> 16) & 0x1fff)
      : setRing(access, registers, target, value, (value & 0x1ff) * 128, 32 << ((value >>> 16) & 7));
    if (!done) return fault(core, 'unmapped-write', instruction, 'cls', address);
  }
  return target.engine.access(cycle, 0, 4, writes ? ACCESS_ATOMIC_WRITE : ACCESS_ATOMIC_READ, target.latency);
}

/** `ct[xpb_read]` and `ct[xpb_write]`: of the CSRs behind the expansion bus, those of the rings in CTM. */
export function xpbRegisters(writes: boolean): CommandExecutor {
  return (access) => {
    const { world, core, instruction, address, length, transferIn, transferOut, cycle } = access;
    const rings = ringsOf(access, 'ctm');
    const target = ctmOf(access);
    // Slave and device: 0 and 8, the CTM's registers (NFP_CTM_MISC_XPB_OFF).
    const offset = (address & 0xff_fffc) - 0x8_0100;
    if (rings === undefined || target === undefined || length !== 0 || offset < 0 || offset >= 16 * ISLAND_RINGS) {
      return fault(core, writes ? 'unmapped-write' : 'unmapped-read', instruction, 'xpb', address);
    }
    const registers = rings[offset >>> 4]!;
    const which = (offset >>> 2) & 3;
    const words = registers.ring?.words ?? 1;
    if (!writes) {
      const pointer = which === 1 ? registers.taken : registers.added;
      world.file[transferIn] = which === 0 ? registers.register : 4 * (pointer & (2 * words - 1));
    } else {
      const value = world.file[transferOut]!;
      const pointer = (value >>> 2) & 0x7fff;
      const done =
        which === 0
          ? setRing(access, registers, target, value, value & 0x3_fe00, 128 << (value >>> 29))
          : which === 1
            ? setPointers(access, registers, pointer, registers.added)
            : setPointers(access, registers, registers.taken, pointer);
      if (!done) return fault(core, 'unmapped-write', instruction, 'xpb', address);
    }
    return target.engine.access(cycle, 0, 4, writes ? ACCESS_ATOMIC_WRITE : ACCESS_ATOMIC_READ, target.latency);
  };
}

/** Whether `br_cls_state` of a ring is taken: the ring is full (open nfd, `CLS_RING_FULL`). */
export function clsRingState(rings: readonly IslandRing[], number: number): boolean {
  const ring = rings[number]?.ring;
  return ring !== undefined && ring.count === ring.words;
}

/** Whether `br_inp_state` of a ring in CTM is taken: it is empty, or full, as its base register chooses. */
export function ctmRingState(rings: readonly IslandRing[], number: number): boolean {
  const registers = rings[number];
  if (registers?.ring === undefined) return true;
  const { count, words } = registers.ring;
  return (registers.register & 0x1000_0000) === 0 ? count === 0 : count === words;
}

function setRing(
  access: CommandAccess,
  registers: IslandRing,
  target: MemoryTarget,
  value: number,
  base: number,
  words: number,
): boolean {
  const octets = 4 * words;
  const first = base - (base % octets);
  if (!maySetUp(access, target, first, octets, registers.ring)) return false;
  registers.register = value;
  registers.ring = new WordRing(target, first, words, 0, 0);
  registers.added = 0;
  registers.taken = 0;
  return true;
}

function setPointers(access: CommandAccess, registers: IslandRing, taken: number, added: number): boolean {
  const { ring } = registers;
  if (ring === undefined || !mayUse(access, ring, 'write')) return false;
  registers.taken = taken;
  registers.added = added;
  ring.head = taken & (ring.words - 1);
  ring.count = Math.min((added - taken) & (2 * ring.words - 1), ring.words);
  return true;
}

function clsBase({ register, ring }: IslandRing): number {
  const full = ring !== undefined && ring.count === ring.words ? 1 << 31 : 0;
  const some = ring !== undefined && ring.count > 0 ? 1 << 30 : 0;
  return (register & 0x0f07_01ff) | full | some;
}

function clsPointers({ added, taken, ring }: IslandRing): number {
  const mask = 2 * (ring?.words ?? 1) - 1;
  return ((added & mask) << 16) | (taken & mask);
}

interface RingInUse {
  readonly ring: WordRing;
  readonly registers: IslandRing;
}

/** A command on a ring that is set up: bits 5..2 of the address are its number. */
function onIslandRing(
  what: 'read' | 'write',
  execute: (access: CommandAccess, use: RingInUse) => number,
): CommandExecutor {
  return (access) => {
    const { core, instruction, plan, address, length, xfer, world } = access;
    const rings = ringsOf(access, plan.memory === 'cls' ? 'cls' : 'ctm');
    const registers = rings?.[(address >>> 2) & (ISLAND_RINGS - 1)];
    const ring = registers?.ring;
    if (registers === undefined || ring === undefined) {
      return fault(core, `unmapped-${what}`, instruction, 'ring', (address >>> 2) & (ISLAND_RINGS - 1));
    }
    if (length + 1 > MOST_WORDS || xfer + length + 1 > 256 / world.contexts) {
      return fault(core, 'bad-length', instruction, plan.name, address);
    }
    if (!mayUse(access, ring, what)) return fault(core, `unmapped-${what}`, instruction, ring.target.name, ring.base);
    return execute(access, { ring, registers });
  };
}

/** The rings of the island that a command names: of CLS by its 40-bit address, of CTM in bits 29..24; 0 is the own one. */
function ringsOf({ world, core, plan, target, address }: CommandAccess, which: 'cls' | 'ctm') {
  if (which === 'cls') {
    const island = target === undefined ? -1 : plan.shifted ? world.clsByIsland[core.island]!.indexOf(target) : 0;
    if (island < 0) return undefined;
    return world.rings.cls[island === 0 ? core.island : islandIndex(world.profile.islands, island)];
  }
  const number = (address >>> 24) & 0x3f;
  return world.rings.ctm[number === 0 ? core.island : islandIndex(world.profile.islands, number)];
}

function islandIndex(islands: readonly { readonly number: number }[], number: number): number {
  return islands.findIndex((island) => island.number === number);
}

/** The CTM that a `ct` command names. */
function ctmOf({ world, core, address }: CommandAccess): MemoryTarget | undefined {
  const number = (address >>> 24) & 0x3f;
  return number === 0 ? world.ownCtm[core.island] : world.byTopOctet[core.island]![0x80 | number];
}

function add({ world, transferOut }: CommandAccess, ring: WordRing, registers: IslandRing, words: number): void {
  ring.append(world.file, transferOut, words);
  registers.added += words;
  registers.taken = registers.added - ring.count;
}

/** The ring lies in a memory that every core sees from its own distance. */
function timed(access: CommandAccess, ring: WordRing, address: number, words: number, returns: boolean): number {
  const seen = access.plan.memory === 'cls' ? access.target! : (ctmOf(access) ?? ring.target);
  const kind = returns ? ACCESS_ATOMIC_READ : ACCESS_ATOMIC_WRITE;
  return seen.engine.access(access.cycle, address, 4 * words, kind, seen.latency);
}
