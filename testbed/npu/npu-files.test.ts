import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { assemble } from '../../npu/assembler/assembler.ts';
import { writeFirmwareElf } from '../../npu/image/elf-write.ts';
import { encodeProgram } from '../../npu/image/encode.ts';
import { readListing, readProgram } from './npu-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'npu-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('an image that breaks the rules of a program can be looked at, and not run', () => {
  const { instructions } = assemble('ctx_arb[kill]\nnop\nbr[.0]', { file: 'whole.asm' });
  const file = join(folder, 'falls-off.elf');
  const image = writeFirmwareElf({
    contexts: 8,
    instructions: encodeProgram(instructions.slice(0, 2)),
    entry: 0,
    data: [],
    regions: [],
    lambdas: [],
    symbols: [],
    lines: [],
  });
  writeFileSync(file, image);
  expect(readListing(file, 8).instructions.map(({ kind }) => kind)).toEqual(['ctx_arb', 'nop']);
  expect(() => readProgram(file, 8)).toThrow(/image '.*falls-off\.elf': instruction 1: /);
});
