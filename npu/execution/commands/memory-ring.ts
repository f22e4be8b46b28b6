import { ACCESS_ATOMIC_READ, ACCESS_ATOMIC_WRITE, ACCESS_READ, ACCESS_WRITE } from '../../memory/engine.ts';
import { overrideData } from './override.ts';
import { MEMORY_RINGS, type MemoryRing, maySetUp, mayUse } from './rings.ts';
import { WordRing } from './word-ring.ts';
import { askForWork, handOut, WHEN_WORK_COMES } from './work-queue.ts';
import { type CommandAccess, type CommandExecutor, fault, type MemoryTarget, ownerMay } from './world.ts';

/**
 * Rings in EMEM. A descriptor of 16 octets is read into the queue engine under a number; then commands name the ring by
 * it. Source: Netronome's open flowenv, lib/nfp/mem_ring.h and _c/mem_ring.c, and blocks/blm (a ring of n words takes
 * n - 1); nic-firmware, lib/ring_ext.uc.
 */

const DESCRIPTOR_OCTETS = 16;
const SMALLEST_WORDS = 512;
const RING_TYPE = 2;
const MOST_WORDS = 16;
const STATUS_ADDED = 1 << 31;

/** `rd_qdesc`: sets up the ring that the override names from the descriptor at the address. */
export const readDescriptor: CommandExecutor = (access) => {
  const { world, core, instruction, address } = access;
  const target = queueEngine(access);
  const number = overrideData(access.override);
  if (target === undefined || number >= MEMORY_RINGS || (address & (DESCRIPTOR_OCTETS - 1)) !== 0) {
    return badRing(access, 'unmapped-read');
  }
  if (!ownerMay(access, target, address, DESCRIPTOR_OCTETS, 'read')) {
    return fault(core, 'unmapped-read', instruction, target.name, address);
  }
  const [w0, w1, w2] = [0, 4, 8].map((at) => target.memory.readWord(address + at)) as [number, number, number];
  const words = SMALLEST_WORDS << (w0 >>> 28);
  const octets = 4 * words;
  const tail = (w1 & ~3) >>> 0;
  const base = tail - (tail % octets);
  const before = world.rings.memory[number];
  if ((w1 & 3) !== RING_TYPE || base + octets > target.memory.octets) return badRing(access, 'unmapped-write');
  if (!maySetUp(access, target, base, octets, before?.ring)) {
    return fault(core, 'unmapped-write', instruction, target.name, base);
  }
  const count = w2 & 0xff_ffff;
  world.rings.memory[number] = {
    ring: new WordRing(target, base, words, (w0 & 0x03ff_fffc) >>> 2, count),
    size: w0 >>> 28,
    locality: w2 >>> 30,
    page: (w2 >>> 24) & 3,
    endOfPacket: (w0 >>> 1) & 1,
  };
  return target.engine.access(access.cycle, address, DESCRIPTOR_OCTETS, ACCESS_READ, target.latency);
};

/** `wr_qdesc`, *inferred*: the opposite. */
export const writeDescriptor: CommandExecutor = (access) => {
  const { world, core, instruction, address } = access;
  const target = queueEngine(access);
  const ring = world.rings.memory[overrideData(access.override)];
  if (target === undefined || ring === undefined || (address & (DESCRIPTOR_OCTETS - 1)) !== 0) {
    return badRing(access, 'unmapped-write');
  }
  if (!ownerMay(access, target, address, DESCRIPTOR_OCTETS, 'write') || !mayUse(access, ring.ring, 'read')) {
    return fault(core, 'unmapped-write', instruction, target.name, address);
  }
  for (const [i, word] of descriptorWords(ring).entries()) target.memory.writeWord(address + 4 * i, word);
  return target.engine.access(access.cycle, address, DESCRIPTOR_OCTETS, ACCESS_WRITE, target.latency);
};

/** `push_qdesc`: the descriptor as it is now, into four transfer registers. */
export const pushDescriptor = onRing('read', (access, descriptor) => {
  const { world, transferIn, cycle } = access;
  for (const [i, word] of descriptorWords(descriptor).entries()) world.file[transferIn + i] = word;
  const { target, base } = descriptor.ring;
  return target.engine.access(cycle, base, DESCRIPTOR_OCTETS, ACCESS_READ, target.latency);
});

/** `put`: adds if there is room; the first register returns whether, and how many words were in the ring before. */
export const put: CommandExecutor = (access) => {
  const { world, core, instruction, address, length, transferIn, transferOut } = access;
  if (queueEngine(access) === undefined) return badRing(access, 'unmapped-write');
  const ring = world.rings.memory[address & (MEMORY_RINGS - 1)]?.ring;
  const words = length + 1;
  if (words > MOST_WORDS) return fault(core, 'bad-length', instruction, access.plan.name, address);
  if (ring === undefined) {
    world.file[transferIn] = 0;
    return accessEngine(access, access.target!, 0, 1, ACCESS_ATOMIC_READ);
  }
  if (!mayUse(access, ring, 'write')) return fault(core, 'unmapped-write', instruction, ring.target.name, ring.base);
  const { count } = ring;
  const fits = count + words <= ring.words - 1;
  const at = ring.addressOf(ring.tail);
  if (fits) ring.append(world.file, transferOut, words);
  world.file[transferIn] = fits ? STATUS_ADDED | count : count;
  return accessEngine(access, ring.target, at, words, ACCESS_ATOMIC_READ);
};

/** `get`, `pop`: all words or none; the partner of the signal tells that they were not there. */
export const get = taking((ring) => ring.head, 'takeOldest', true);
export const pop = taking((ring) => ring.head + Math.max(0, ring.count - 1), 'takeNewest', true);
/** `get_freely`, `pop_freely`: what is there, then zeros. */
export const getFreely = taking((ring) => ring.head, 'takeOldest', false);
export const popFreely = taking((ring) => ring.head + Math.max(0, ring.count - 1), 'takeNewest', false);

/** `journal`: adds, over the oldest words if the ring is full. */
export const journal = onRing('write', (access, { ring }) => {
  const { world, length, transferOut } = access;
  const at = ring.addressOf(ring.tail);
  ring.append(world.file, transferOut, length + 1);
  return accessEngine(access, ring.target, at, length + 1, ACCESS_ATOMIC_WRITE);
});

/** `fast_journal`: one word, which stands where the address is otherwise; the override names the ring. */
export const fastJournal: CommandExecutor = (access) => {
  const { world, core, instruction, address } = access;
  const ring = world.rings.memory[overrideData(access.override)]?.ring;
  if (queueEngine(access) === undefined || ring === undefined) return badRing(access, 'unmapped-write');
  if (!mayUse(access, ring, 'write')) return fault(core, 'unmapped-write', instruction, ring.target.name, ring.base);
  const at = ring.addressOf(ring.tail);
  ring.append(Int32Array.of(address), 0, 1);
  return accessEngine(access, ring.target, at, 1, ACCESS_ATOMIC_WRITE);
};

/** `qadd_work`. */
export const addWork = onRing('write', (access, { ring }) => {
  const { world, length, transferOut } = access;
  const at = ring.addressOf(ring.tail);
  ring.append(world.file, transferOut, length + 1);
  const done = accessEngine(access, ring.target, at, length + 1, ACCESS_ATOMIC_WRITE);
  handOut(access, ring, done);
  return done;
});

/** `qadd_thread`. */
export const addThread = onRing('read', (access, { ring }) => {
  const at = ring.addressOf(ring.head);
  const there = askForWork(access, ring, access.length + 1);
  const done = accessEngine(access, ring.target, at, access.length + 1, ACCESS_ATOMIC_READ);
  return there ? done : WHEN_WORK_COMES;
});

function taking(
  placeOf: (ring: WordRing) => number,
  take: 'takeOldest' | 'takeNewest',
  allOrNone: boolean,
): CommandExecutor {
  return onRing('read', (access, { ring }) => {
    const { world, core, length, transferIn, signal, signalContext } = access;
    const words = length + 1;
    const failed = allOrNone && ring.count < words;
    const at = ring.addressOf(placeOf(ring));
    if (!failed) ring[take](world.file, transferIn, words);
    const done = accessEngine(access, ring.target, at, words, ACCESS_ATOMIC_READ);
    if (failed && signal !== 0) core.raise(signalContext, signal ^ 1, done);
    return done;
  });
}

/** A command on a ring that is set up, by code that may use it so, of up to 16 words. */
function onRing(what: 'read' | 'write', execute: (access: CommandAccess, ring: MemoryRing) => number): CommandExecutor {
  return (access) => {
    const { world, core, instruction, address, length, xfer } = access;
    const ring = world.rings.memory[address & (MEMORY_RINGS - 1)];
    if (queueEngine(access) === undefined || ring === undefined) return badRing(access, `unmapped-${what}`);
    if (length + 1 > MOST_WORDS || xfer + length + 1 > 256 / world.contexts) {
      return fault(core, 'bad-length', instruction, access.plan.name, address);
    }
    if (!mayUse(access, ring.ring, what)) {
      return fault(core, `unmapped-${what}`, instruction, ring.ring.target.name, ring.ring.base);
    }
    return execute(access, ring);
  };
}

/** EMEM, which alone has these rings; the codes mean other commands elsewhere. */
function queueEngine({ target }: CommandAccess): MemoryTarget | undefined {
  return target?.name === 'emem' ? target : undefined;
}

function badRing(access: CommandAccess, kind: 'unmapped-read' | 'unmapped-write'): number {
  return fault(access.core, kind, access.instruction, 'ring', access.address & (MEMORY_RINGS - 1));
}

/** Time of an access to words of a ring; what goes on behind its end is counted as if it did not. */
function accessEngine(
  { cycle }: CommandAccess,
  { engine, latency }: MemoryTarget,
  address: number,
  words: number,
  kind: typeof ACCESS_ATOMIC_READ | typeof ACCESS_ATOMIC_WRITE,
): number {
  return engine.access(cycle, address, 4 * words, kind, latency);
}

function descriptorWords({ ring, size, locality, page, endOfPacket }: MemoryRing): readonly number[] {
  const head = ring.addressOf(ring.head) & 0x03ff_fffc;
  const tail = ring.addressOf(ring.tail) & ~3;
  return [
    (size << 28) | head | (endOfPacket << 1),
    tail | RING_TYPE,
    (locality << 30) | (page << 24) | (ring.count & 0xff_ffff),
    0,
  ];
}
