import type { CrcBytes, CrcOperator } from '../isa/instruction.ts';

/** A generator polynomial without its highest term, and the width of the remainder in bits. */
export interface Polynomial {
  readonly width: number;
  readonly terms: number;
}

/** CCITT: ITU-T V.41; CRC-32: IEEE 802.3; iSCSI: RFC 3720 12.1; CRC-10: ITU-T I.610; CRC-5: ITU-T I.363.2. */
export const POLYNOMIALS: Readonly<Record<Exclude<CrcOperator, '--'>, Polynomial>> = {
  crc_ccitt: { width: 16, terms: 0x1021 },
  crc_32: { width: 32, terms: 0x04c1_1db7 },
  crc_iscsi: { width: 32, terms: 0x1edc_6f41 },
  crc_10: { width: 10, terms: 0x233 },
  crc_5: { width: 5, terms: 0x05 },
};

/** First octet that takes part and how many do, after the octets were put into the order in which they are fed. */
export const OCTET_RANGE: Readonly<Record<CrcBytes, readonly [first: number, count: number]>> = {
  bytes_0_3: [0, 4],
  bytes_1_3: [1, 3],
  bytes_2_3: [2, 2],
  byte_3: [3, 1],
  bytes_0_2: [0, 3],
  bytes_0_1: [0, 2],
  byte_0: [0, 1],
};

/** How a word is fed to the CRC unit. */
export interface CrcPlan {
  /** Undefined for `--`: the ordered word itself becomes the remainder. */
  readonly polynomial: Polynomial | undefined;
  /** `crc_le`: the least significant octet is octet 0. */
  readonly littleEndian: boolean;
  /** The bits of each octet are reversed before; those of the remainder are not. */
  readonly bitSwap: boolean;
  readonly firstOctet: number;
  readonly octets: number;
}

/** The remainder after the octets of a word, most significant bit first; unsigned in the low bits. */
export function crcRemainder(plan: CrcPlan, remainder: number, word: number): number {
  const ordered = orderOctets(plan, word);
  if (plan.polynomial === undefined) return ordered;
  const { width, terms } = plan.polynomial;
  const top = width - 1;
  const mask = width === 32 ? -1 : (1 << width) - 1;
  let rest = remainder & mask;
  const firstBit = 8 * plan.firstOctet;
  for (let bit = firstBit; bit < firstBit + 8 * plan.octets; bit++) {
    const feedback = ((rest >>> top) ^ (ordered >>> (31 - bit))) & 1;
    rest = ((rest << 1) & mask) ^ (feedback === 1 ? terms : 0);
  }
  return rest;
}

/** Reverses octets for `crc_le` and the bits of each octet for `bit_swap`. */
export function orderOctets(plan: Pick<CrcPlan, 'littleEndian' | 'bitSwap'>, word: number): number {
  let ordered = word;
  if (plan.littleEndian) {
    ordered = (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
  }
  if (plan.bitSwap) {
    ordered = ((ordered >>> 1) & 0x5555_5555) | ((ordered & 0x5555_5555) << 1);
    ordered = ((ordered >>> 2) & 0x3333_3333) | ((ordered & 0x3333_3333) << 2);
    ordered = ((ordered >>> 4) & 0x0f0f_0f0f) | ((ordered & 0x0f0f_0f0f) << 4);
  }
  return ordered;
}
