import { readFileSync } from 'node:fs';
import { InputError } from '../../base/errors.ts';
import { assemble } from '../../npu/assembler/assembler.ts';
import { assemblyFailure } from '../../npu/assembler/assembly-error.ts';
import { decodeProgram, decodeVerifiedProgram } from '../../npu/image/decode.ts';
import { readFirmwareElf } from '../../npu/image/elf-read.ts';
import type { ContextMode } from '../../npu/isa/instruction.ts';
import type { LoadableProgram } from '../../npu/nic/npu.ts';

export { loadNicProfile as readNicProfile } from '../../topology/load-topology.ts';

/** A program for one core as it was read; an ELF image may bring data and rights of its own. */
export type ReadProgram = LoadableProgram & {
  readonly file: string;
  /** The assembler text; undefined for an image. */
  readonly text: string | undefined;
};

/** Text above this is no program for a code store of 16 K instructions. */
const MOST_SOURCE_OCTETS = 16_000_000;

/** @throws InputError `unreadable-file` */
export function readOctets(what: string, file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new InputError('unreadable-file', `${what} '${file}' cannot be read (${reason})`);
  }
}

/**
 * Reads a program: an ELF image if it begins like one, else assembler text. All rules of a program hold for it.
 * @param contexts how many contexts share the registers; an image says so itself
 * @throws InputError with the place of each fault, and the line it is in
 */
export function readProgram(file: string, contexts: ContextMode): ReadProgram {
  const octets = readOctets('program', file);
  return isElf(octets) ? readImage(file, octets, decodeVerifiedProgram) : readText(file, octets, contexts);
}

/** As `readProgram`, but takes images that no core may run, too: to look at what is in them. */
export function readListing(file: string, contexts: ContextMode): ReadProgram {
  const octets = readOctets('program', file);
  return isElf(octets) ? readImage(file, octets, decodeProgram) : readText(file, octets, contexts);
}

function isElf(octets: Uint8Array): boolean {
  return octets[0] === 0x7f && octets[1] === 0x45 && octets[2] === 0x4c && octets[3] === 0x46;
}

function readImage(file: string, octets: Uint8Array, decode: typeof decodeProgram): ReadProgram {
  const image = readFirmwareElf(octets);
  if (!image.ok) throw new InputError(image.error.code, `image '${file}': ${image.error.message}`);
  const decoded = decode(image.value.instructions, image.value.contexts);
  if (!decoded.ok) throw new InputError(decoded.error.code, `image '${file}': ${decoded.error.message}`);
  return { ...image.value, instructions: decoded.value, file, text: undefined };
}

function readText(file: string, octets: Uint8Array, contexts: ContextMode): ReadProgram {
  const text = textOf(octets);
  if (text === undefined) {
    throw new InputError('not-a-program', `'${file}' is no program: expected assembler text or an ELF image for NFP`);
  }
  const { instructions, lines, errors } = assemble(text, { file, contexts });
  if (errors.length > 0) throw assemblyFailure(errors);
  if (instructions.length === 0) throw new InputError('empty-program', `'${file}' has no instruction`);
  return {
    instructions,
    contexts,
    entry: 0,
    data: [],
    regions: [],
    symbols: [],
    lines: lines.map((line, instruction) => ({ instruction, file, line })),
    file,
    text,
  };
}

function textOf(octets: Uint8Array): string | undefined {
  if (octets.length > MOST_SOURCE_OCTETS || octets.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return undefined;
  }
}
