import type { Memory } from '../../memory/memory.ts';
import { bitsOfOctets } from './arithmetic.ts';
import type { CommandPlan } from './plan.ts';

/** Moves octets into transfer-in registers from word `at` of the register file on. */
export function readData(
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

/**
 * Moves octets out of transfer-out registers.
 * @param mask octets that are written, -1 for all. Of 32-bit words the low 4 bits count, the same for each, bit 0 the
 * least significant octet, as open flowenv says for the atomics; of 64-bit words all 8, bit 7 the first octet
 * (*inferred*). It names octets as they come to lie in memory.
 */
export function writeData(
  file: Int32Array,
  at: number,
  memory: Memory,
  address: number,
  octets: number,
  plan: CommandPlan,
  mask: number,
): void {
  const { swapped, unit } = plan;
  if (unit !== 1 && !swapped && mask === -1) {
    memory.writeWords(address, file, at, octets >>> 2);
    return;
  }
  if (unit !== 1) {
    for (let i = 0; i < octets; i += 4) {
      const data = file[at + (i >>> 2)]!;
      const part = unit === 8 && (i & 4) === 0 ? mask >> 4 : mask;
      const bits = mask === -1 ? -1 : bitsOfOctets(part);
      const word = swapped ? reverseOctets(data) : data;
      memory.writeWord(address + i, (memory.readWord(address + i) & ~bits) | (word & bits));
    }
    return;
  }
  for (let i = 0; i < octets; i++) {
    if (((mask >> (3 - (i & 3))) & 1) === 0) continue;
    const word = file[at + (i >>> 2)]!;
    const shift = swapped ? 8 * (i & 3) : 24 - 8 * (i & 3);
    memory.writeOctet(address + i, word >>> shift);
  }
}

function reverseOctets(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
