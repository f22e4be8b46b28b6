import { writeFileSync } from 'node:fs';
import { InputError } from '../../base/errors.ts';
import { disassemblyLines } from '../../npu/assembler/disassembler.ts';
import { writeFirmwareElf } from '../../npu/image/elf-write.ts';
import { encodeProgram } from '../../npu/image/encode.ts';
import type { ContextMode } from '../../npu/isa/instruction.ts';
import { readListing, readProgram } from './npu-files.ts';

/** Text to image. @throws InputError for what is wrong with the program, or a file that cannot be written */
export function assembleFile(file: string, contexts: ContextMode, out: string): void {
  const program = readProgram(file, contexts);
  const image = writeFirmwareElf({
    ...program,
    lambdas: program.lambdas ?? [],
    instructions: encodeProgram(program.instructions, program.contexts),
  });
  writeOctets(out, image);
}

/** Image to text, on the standard output. @throws InputError for a file that is no image */
export function printDisassembly(file: string, contexts: ContextMode): void {
  const { instructions } = readListing(file, contexts);
  process.stdout.write(`${disassemblyLines(instructions).join('\n')}\n`);
}

function writeOctets(file: string, octets: Uint8Array): void {
  try {
    writeFileSync(file, octets);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new InputError('unwritable-file', `--out: '${file}' cannot be written (${reason})`);
  }
}
