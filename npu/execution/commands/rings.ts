import type { WordRing } from './word-ring.ts';
import { type CommandAccess, type MemoryTarget, ownerMay } from './world.ts';

/** Rings of the queue engine of EMEM (open flowenv, mem_ring.c: `rnum < 1024`). */
export const MEMORY_RINGS = 1024;
/** Rings of the CLS and of the CTM of an island (open flowenv, nfp_cls.h; open nfd, ctm_ring.c). */
export const ISLAND_RINGS = 16;

/** Descriptor of a ring in EMEM, of which we do not use the rest of what it says. */
export interface MemoryRing {
  readonly ring: WordRing;
  /** Log2 of words / 512; locality, page and end-of-packet bit as they were read. */
  readonly size: number;
  readonly locality: number;
  readonly page: number;
  readonly endOfPacket: number;
}

/** A ring of an island: its registers, and the ring that they describe. */
export class IslandRing {
  /** Register with base and size as it was written. */
  register = 0;
  ring: WordRing | undefined;
  /** Words that were ever added and taken, modulo twice its size: what its pointer registers show. */
  added = 0;
  taken = 0;
}

/** All rings of a NIC, as they are after its firmware was loaded: none is set up. */
export class NicRings {
  readonly memory = new Array<MemoryRing | undefined>(MEMORY_RINGS).fill(undefined);
  /** By island and number. */
  readonly cls: readonly (readonly IslandRing[])[];
  readonly ctm: readonly (readonly IslandRing[])[];

  constructor(islands: number) {
    const rings = () => Array.from({ length: ISLAND_RINGS }, () => new IslandRing());
    this.cls = Array.from({ length: islands }, rings);
    this.ctm = Array.from({ length: islands }, rings);
  }
}

/** Whether code may use a ring so: rights go with the octets that the ring covers. */
export function mayUse(access: CommandAccess, ring: WordRing, what: 'read' | 'write'): boolean {
  return ownerMay(access, ring.target, ring.base, ring.octets, what);
}

/** Whether code may set a ring up over octets of a memory, in place of the one that may be there. */
export function maySetUp(
  access: CommandAccess,
  target: MemoryTarget,
  base: number,
  octets: number,
  before: WordRing | undefined,
): boolean {
  return ownerMay(access, target, base, octets, 'write') && (before === undefined || mayUse(access, before, 'write'));
}
