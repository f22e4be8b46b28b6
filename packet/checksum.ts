/**
 * The Internet checksum (RFC 1071): ones' complement of the ones' complement sum of 16-bit big-endian words.
 *
 * Every host checks and makes one a frame, so this is on the hot path. Short runs are summed octet pair by octet pair;
 * long ones are copied into an aligned arena and summed as 32-bit words, which is allowed because the ones' complement
 * sum does not depend on the order of octets within a word except for a final swap (RFC 1071 section 2, B and C).
 */

const ARENA_OCTETS = 65_536;
/** Below this many octets the copy costs more than it saves; measured, see docs/packet-formats.md. */
const ARENA_FROM_OCTETS = 160;

const arena = new ArrayBuffer(ARENA_OCTETS + 4);
const arenaOctets = new Uint8Array(arena);
const arenaWords = new Uint32Array(arena);
const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Folded ones' complement sum of `octets[start, end)`, 0 to 0xffff. An odd last octet counts as the high half of a word.
 * Sums of neighbouring ranges may be added with `addSums` when all but the last have an even length.
 */
export function onesComplementSum(octets: Uint8Array, start: number, end: number): number {
  const count = end - start;
  if (count < ARENA_FROM_OCTETS) return sumPairs(octets, start, end);
  if (count <= ARENA_OCTETS) return sumWords(octets, start, end);
  let sum = 0;
  for (let from = start; from < end; from += ARENA_OCTETS) {
    sum += sumWords(octets, from, Math.min(from + ARENA_OCTETS, end));
  }
  return foldSum(sum);
}

/** Checksum field over `octets[start, end)`: the complement of the sum, plus `initialSum` (a pseudo header's). */
export function internetChecksum(octets: Uint8Array, start: number, end: number, initialSum = 0): number {
  return ~foldSum(onesComplementSum(octets, start, end) + initialSum) & 0xffff;
}

/** Folds a plain sum of 16-bit words (below 2^48) to 16 bits with end-around carry. */
export function foldSum(sum: number): number {
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}

function sumPairs(octets: Uint8Array, start: number, end: number): number {
  let sum = 0;
  let i = start;
  for (; i + 1 < end; i += 2) sum += (octets[i]! << 8) | octets[i + 1]!;
  if (i < end) sum += octets[i]! << 8;
  sum = (sum & 0xffff) + (sum >>> 16);
  return (sum & 0xffff) + (sum >>> 16);
}

function sumWords(octets: Uint8Array, start: number, end: number): number {
  const count = end - start;
  arenaOctets.set(start === 0 && end === octets.length ? octets : octets.subarray(start, end));
  // Octets of an earlier, longer run must not leak into the last word.
  arenaOctets[count] = 0;
  arenaOctets[count + 1] = 0;
  arenaOctets[count + 2] = 0;
  const words = (count + 3) >>> 2;
  // Four accumulators in doubles: 2^14 words below 2^32 stay far below 2^53, and the additions do not wait for one another.
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = 0;
  for (; i + 3 < words; i += 4) {
    sum0 += arenaWords[i]!;
    sum1 += arenaWords[i + 1]!;
    sum2 += arenaWords[i + 2]!;
    sum3 += arenaWords[i + 3]!;
  }
  for (; i < words; i++) sum0 += arenaWords[i]!;
  const folded = foldSum(sum0 + sum1 + sum2 + sum3);
  return hostIsLittleEndian ? ((folded & 0xff) << 8) | (folded >>> 8) : folded;
}
