import { settledIndex } from '../csr.ts';
import { type Handler, readA, readB, writeResultAndCodes } from '../handler.ts';
import { BYTE_INDEX } from '../index-registers.ts';

// Source: Intel IXP2800 hardware reference manual, 2.3.7.1 (amounts, and the two operand ports). The word of the
// byte_align before stays across other instructions: Netronome nic-firmware computes CRCs between two of them.

export const byteAlignBig: Handler = (world, core, i) => {
  const word = readB(world, core, i);
  const result = alignBigEndian(core.alignedB, word, settledIndex(world, core, BYTE_INDEX));
  core.alignedB = word;
  writeResultAndCodes(world, core, i, result, 0, 0);
};

export const byteAlignLittle: Handler = (world, core, i) => {
  const word = readA(world, core, i);
  const result = alignLittleEndian(core.alignedA, word, settledIndex(world, core, BYTE_INDEX));
  core.alignedA = word;
  writeResultAndCodes(world, core, i, result, 0, 0);
};

/** Four octets of before:word, counted from the most significant, from `index` (0..3) on. */
export function alignBigEndian(before: number, word: number, index: number): number {
  return index === 0 ? before : (before << (8 * index)) | (word >>> (32 - 8 * index));
}

/** Four octets of word:before, counted from the least significant, from `index` (0..3) on. */
export function alignLittleEndian(before: number, word: number, index: number): number {
  return index === 0 ? before : (before >>> (8 * index)) | (word << (32 - 8 * index));
}
