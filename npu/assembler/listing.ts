import { INSTRUCTION_OCTETS } from '../isa/instruction.ts';
import { LineError, type Piece } from './line-error.ts';

/** What objdump prints around the instructions of a section. */

const HEADER = /^\s*$|:\s+file format \S+\s*$|^Disassembly of section \S+:\s*$/;
const FUNCTION = /^[0-9a-f]{16} <([^<>]+)>:\s*$/;
/** What stands for a run of zero words without `-z`. */
const ELISION = /^\s*\.\.\.\s*$/;
/** Address and, except with `--no-show-raw-insn`, the word. An address of letters alone would be a label: see below. */
const ADDRESS = /^\s*(?:([0-9a-f]+):\s+[0-9a-f]{16}\s+|([0-9][0-9a-f]*):\s+|([0-9a-f]+):\s+(?=\.\d))/;
/** The instruction's number, except with `-M no-pc`. */
const NUMBER = /^\s*\.(\d+)\s+/;

export function isListingHeader(line: string): boolean {
  return HEADER.test(line);
}

/** The name in `0000000000000000 <main>:`, or undefined. */
export function listingFunction(line: string): Piece | undefined {
  const name = FUNCTION.exec(line)?.[1];
  return name === undefined ? undefined : { text: name, column: line.indexOf('<') + 2 };
}

export interface ListingPrefix {
  /** Characters before the instruction. */
  readonly length: number;
  /** The instruction's number as the prefix gives it, to be checked. */
  readonly number: { readonly value: number; readonly column: number } | undefined;
}

/** What stands before an instruction in a listing: address, raw word, number; each may be missing. */
export function listingPrefix(line: string): ListingPrefix {
  if (ELISION.test(line)) {
    const column = line.indexOf('.') + 1;
    throw new LineError('asm-syntax', 'the listing leaves out words here', column, 'list all of them: objdump -dz');
  }
  const address = ADDRESS.exec(line);
  const start = address?.[0].length ?? 0;
  const number = NUMBER.exec(line.slice(start));
  if (number !== null) {
    const column = start + number[0].indexOf('.') + 1;
    return { length: start + number[0].length, number: { value: Number(number[1]), column } };
  }
  if (address === null) return { length: 0, number: undefined };
  const text = address[1] ?? address[2] ?? '';
  const column = line.indexOf(text) + 1;
  const value = Number.parseInt(text, 16) / INSTRUCTION_OCTETS;
  if (!Number.isInteger(value)) {
    const hint = 'leave addresses out, or keep those of objdump; labels begin with a letter';
    throw new LineError('asm-number', `0x${text} is not the address of an instruction`, column, hint);
  }
  return { length: start, number: { value, column } };
}
