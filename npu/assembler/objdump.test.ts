import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RandomStream, randomStream } from '../../base/random.ts';
import { decodeInstruction, decodeProgram } from '../image/decode.ts';
import { readFirmwareElf } from '../image/elf-read.ts';
import { writeFirmwareElf } from '../image/elf-write.ts';
import { encodeProgram } from '../image/encode.ts';
import type { FirmwareImage } from '../image/firmware-image.ts';
import { WORD_CLASS } from '../isa/codes.ts';
import type { ContextMode } from '../isa/instruction.ts';
import { randomInstructions } from '../isa/random-program.ts';
import { disassemblyLines, instructionText } from './disassembler.ts';

const objdump = process.env.NFP_OBJDUMP ?? 'nfp-elf-objdump';
const available = spawnSync(objdump, ['--version']).status === 0;
const required = process.env.CI === 'true';
const seed = Number(process.env.NFP_OBJDUMP_SEED ?? 20_240_601);
const programs = Number(process.env.NFP_OBJDUMP_PROGRAMS ?? 300);

test('GNU objdump for the NFP is there where nothing may be skipped', () => {
  expect(available || !required, `${objdump} is missing: run .ci/build-nfp-objdump`).toBe(true);
});

describe.skipIf(!available)(`against ${objdump}, seed ${seed}`, () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nfp-objdump-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each([8, 4] as const)(`random programs with %i contexts read the same`, (contexts) => {
    const random = randomStream(seed, `npu/objdump/${contexts}`);
    for (let done = 0; done < programs; done += 100) {
      const batch = Array.from({ length: Math.min(100, programs - done) }, () =>
        randomInstructions(random, 1 + random.below(300), contexts),
      );
      const files = batch.map((program) => writeFirmwareElf(imageOf(encodeProgram(program, contexts), contexts)));
      // Without -M objdump learns the number of contexts from the image.
      const listings = listingsOf(files);
      batch.forEach((program, i) => {
        // Both what was meant and what we read back from the file.
        expect(listings[i], `program ${done + i}`).toEqual(disassemblyLines(program));
        expect(ourListing(files[i]!), `program ${done + i}`).toEqual(listings[i]);
      });
    }
  });

  test('-M ctx8 gives the same as the image itself says', () => {
    const instructions = randomInstructions(randomStream(seed, 'npu/objdump/ctx8'), 2000);
    const file = writeFirmwareElf(imageOf(encodeProgram(instructions), 8));
    expect(listingsOf([file], '-M', 'ctx8')[0]).toEqual(ourListing(file));
  });

  test('a program of 16,384 instructions, the most that there can be', () => {
    const instructions = randomInstructions(randomStream(seed, 'npu/objdump/full'), 16_384);
    const file = writeFirmwareElf(imageOf(encodeProgram(instructions), 8));
    expect(listingsOf([file])[0]).toEqual(ourListing(file));
  });

  test('random words: what we decode reads the same, what objdump refuses we refuse', () => {
    const random = randomStream(seed, 'npu/objdump/words');
    const words = Array.from({ length: 60_000 }, () => randomWord(random));
    let decoded = 0;
    for (let start = 0; start < words.length; start += 15_000) {
      const part = words.slice(start, start + 15_000);
      const file = writeFirmwareElf(imageOf(BigUint64Array.from(part, BigInt), 8));
      const listing = listingsOf([file])[0]!.map((line) => line.replace(/^.*?\.\d+ {2}/, ''));
      part.forEach((word, i) => {
        const instruction = decodeInstruction(word);
        const theirs = listing[i]!;
        if (theirs.endsWith('# ERROR')) expect(instruction, `0x${word.toString(16)} is ${theirs}`).toBeUndefined();
        if (instruction === undefined) return;
        decoded++;
        expect(instructionText(instruction), `0x${word.toString(16)}`).toBe(theirs);
      });
    }
    expect(decoded).toBeGreaterThan(words.length / 4);
  });

  function listingsOf(files: readonly Uint8Array[], ...options: readonly string[]): string[][] {
    const paths = files.map((file, i) => {
      const path = join(folder, `${i}.elf`);
      writeFileSync(path, file);
      return path;
    });
    const output = execFileSync(objdump, ['-dz', '--no-show-raw-insn', ...options, ...paths], {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    });
    const listings: string[][] = [];
    for (const line of output.split('\n')) {
      if (line.includes('file format elf64-nfp')) listings.push([]);
      else if (line.includes('\t')) listings[listings.length - 1]!.push(line);
    }
    return listings;
  }
});

function ourListing(file: Uint8Array): string[] {
  const image = readFirmwareElf(file);
  if (!image.ok) throw new Error(image.error.message);
  const instructions = decodeProgram(image.value.instructions, image.value.contexts);
  if (!instructions.ok) throw new Error(instructions.error.message);
  return disassemblyLines(instructions.value);
}

function imageOf(instructions: BigUint64Array, contexts: ContextMode): FirmwareImage {
  return {
    contexts,
    instructions,
    entry: 0,
    data: [{ memory: 'emem', address: 64, octets: Uint8Array.of(1, 2, 3) }],
    regions: [{ name: 'table', owner: 'web', memory: 'emem', address: 0, octets: 128, read: true, write: true }],
    lambdas: [{ name: 'web', id: 7 }],
    symbols: [{ name: 'main', owner: 'runtime', memory: 'code', address: 0, size: instructions.length }],
    lines: [],
  };
}

/** A word of a class drawn evenly: its fixed bits, the others at random. */
function randomWord(random: RandomStream): number {
  const classes = Object.values(WORD_CLASS);
  const { base, mask } = classes[random.below(classes.length)]!;
  const combine = (fixed: number, fixedMask: number): number => ((random.uint32() & ~fixedMask) | fixed) >>> 0;
  const low = combine(base >>> 0, mask >>> 0);
  const high = combine(Math.floor(base / 2 ** 32), Math.floor(mask / 2 ** 32)) & 0x1fff;
  return high * 2 ** 32 + low;
}
