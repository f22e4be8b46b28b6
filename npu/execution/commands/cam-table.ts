import { ACCESS_ATOMIC_READ } from '../../memory/engine.ts';
import { type CommandExecutor, fault, ownerMay } from './world.ts';

/**
 * `cam128_lookup8` and the like: looks a value up in a table of 128, 256, 384 or 512 bits in memory, of entries of 8, 16
 * or 32 bits; of 24-bit lookups the upper octet of an entry is data. Source: Netronome's open flowenv, lib/nfp/mem_cam.h
 * and _c/mem_cam.c; nic-firmware, maps/hashmap_cam.uc. *Inferred*: entry 0 lies at the lowest address; 8-bit lookups
 * return the entries 0 to 31 in the first register; an entry whose compared bits are zero is free.
 */

const NO_ENTRY = 0xff;
const ADDED = 0x80;

interface CamTable {
  /** Octets of the table and of an entry. */
  readonly octets: number;
  readonly entryOctets: 1 | 2 | 4;
  /** Bits of an entry that are compared. */
  readonly bits: number;
}

/** The length field: bits 1..0 width, 2 and 3 size (GNU nfp-dis.c for 128 and 256; mem_cam.c for all). */
function tableOf(length: number): CamTable {
  const octets = [16, 32, 48, 64][((length >> 3) & 1) * 2 + ((length >> 2) & 1)]!;
  const width = (length & 3) + 1;
  return {
    octets,
    entryOctets: width === 3 ? 4 : (width as 1 | 2 | 4),
    bits: width === 4 ? -1 : (1 << (8 * width)) - 1,
  };
}

export const camLookup: CommandExecutor = camCommand(false);
/** Adds the value where it is not, in the first free entry. */
export const camLookupAdd: CommandExecutor = camCommand(true);

function camCommand(adds: boolean): CommandExecutor {
  return (access) => {
    const { world, core, instruction, plan, target, address, length, transferIn, transferOut, cycle } = access;
    const table = tableOf(length);
    const { octets, entryOctets, bits } = table;
    if (length > 15 || (adds && entryOctets === 1)) return fault(core, 'bad-length', instruction, plan.name, address);
    if (target === undefined) return fault(core, 'unmapped-read', instruction, plan.name, address);
    const alignment = octets === 48 ? 64 : octets;
    if ((address & (alignment - 1)) !== 0) return fault(core, 'misaligned', instruction, target.name, address);
    if (!ownerMay(access, target, address, octets, adds ? 'write' : 'read')) {
      return fault(core, adds ? 'unmapped-write' : 'unmapped-read', instruction, target.name, address);
    }
    const value = world.file[transferOut]!;
    const entries = octets / entryOctets;
    const matches: number[] = [];
    let free = -1;
    let data = 0;
    for (let i = 0; i < entries; i++) {
      const at = address + i * entryOctets;
      const word = target.memory.readWord(at & ~3);
      const entry = entryOctets === 4 ? word : word >>> (32 - 8 * entryOctets - 8 * (at & 3));
      if (((entry ^ value) & bits) === 0) {
        if (matches.length === 0 && bits === 0xff_ffff) data = entry >>> 24;
        matches.push(i);
      } else if (free < 0 && (entry & bits) === 0) free = i;
    }
    let match = matches[0] ?? NO_ENTRY;
    if (adds && matches.length === 0 && free >= 0) {
      const at = address + free * entryOctets;
      if (entryOctets === 4) target.memory.writeWord(at, value);
      else
        for (let i = 0; i < entryOctets; i++) target.memory.writeOctet(at + i, value >>> (8 * (entryOctets - 1 - i)));
      match = ADDED | free;
    }
    putResult(world.file, transferIn, table, matches, match, data);
    return target.engine.access(cycle, address, octets, ACCESS_ATOMIC_READ, target.latency);
  };
}

function putResult(
  file: Int32Array,
  at: number,
  { entryOctets }: CamTable,
  matches: readonly number[],
  match: number,
  data: number,
): void {
  const mask = (from: number) =>
    matches.reduce((bits, entry) => (entry >= from && entry < from + 32 ? bits | (1 << (entry - from)) : bits), 0);
  switch (entryOctets) {
    case 1:
      file[at] = mask(0);
      file[at + 1] = mask(32);
      break;
    case 2:
      file[at] = match;
      file[at + 1] = mask(0);
      break;
    case 4:
      file[at] = (mask(0) << 16) | (data << 8) | match;
  }
}
