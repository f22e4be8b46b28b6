import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RandomStream, randomStream } from '../../base/random.ts';
import { decodeInstruction, decodeProgram } from '../image/decode.ts';
import { bit, bits } from '../image/decode-field.ts';
import { readFirmwareElf } from '../image/elf-read.ts';
import { writeFirmwareElf } from '../image/elf-write.ts';
import { encodeProgram } from '../image/encode.ts';
import type { FirmwareImage } from '../image/firmware-image.ts';
import { WORD_CLASS } from '../isa/codes.ts';
import { everyForm } from '../isa/every-form.ts';
import { BRANCH_SPACE, type ContextMode } from '../isa/instruction.ts';
import { randomInstructions, randomProgram } from '../isa/random-program.ts';
import { verifyProgram } from '../isa/verify-program.ts';
import { assemble } from './assembler.ts';
import { disassemblyLines, instructionText } from './disassembler.ts';

const objdump = process.env.NFP_OBJDUMP ?? 'nfp-elf-objdump';
const available = spawnSync(objdump, ['--version']).status === 0;
const required = process.env.CI === 'true';
const seed = Number(process.env.NFP_OBJDUMP_SEED ?? 20_240_601);
const programs = Number(process.env.NPU_RANDOM_PROGRAMS ?? 300);

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

  test.each([8, 4] as const)(
    `random programs with %i contexts read the same`,
    (contexts) => {
      const random = randomStream(seed, `npu/objdump/${contexts}`);
      for (let done = 0; done < programs; done += 100) {
        const batch = Array.from({ length: Math.min(100, programs - done) }, () =>
          randomProgram(random, 1 + random.below(300), contexts),
        );
        const files = batch.map((program) => writeFirmwareElf(imageOf(encodeProgram(program, contexts), contexts)));
        // Without -M objdump learns the number of contexts from the image.
        const listings = listingsOf(files);
        batch.forEach((program, i) => {
          expect(verifyProgram(program, contexts), `program ${done + i}`).toEqual([]);
          // Both what was meant and what we read back from the file.
          expect(listings[i], `program ${done + i}`).toEqual(disassemblyLines(program));
          expect(ourListing(files[i]!), `program ${done + i}`).toEqual(listings[i]);
        });
      }
    },
    60_000 + programs * 100,
  );

  test.each([8, 4] as const)('every form of every instruction with %i contexts reads the same', (contexts) => {
    const forms = everyForm(contexts);
    expect(forms.length).toBeGreaterThan(50_000);
    for (let start = 0; start < forms.length; start += BRANCH_SPACE) {
      const part = forms.slice(start, start + BRANCH_SPACE);
      const lines = disassemblyLines(part);
      const file = writeFirmwareElf(imageOf(encodeProgram(part, contexts), contexts));
      expect(listingsOf([file])[0]).toEqual(lines);
      // What the image says and what the user says of the contexts have the same effect.
      expect(listingsOf([file], '-M', `ctx${contexts}`)[0]).toEqual(lines);
      expect(ourListing(file)).toEqual(lines);
      const assembly = assemble(lines.join('\n'), { contexts, fragment: true });
      expect(assembly.errors).toEqual([]);
      expect(assembly.instructions).toStrictEqual(part);
    }
  });

  test.each([
    ['as objdump prints it', []],
    ['without words', ['--no-show-raw-insn']],
    ['without numbers', ['-M', 'no-pc']],
    ['with neither', ['--no-show-raw-insn', '-M', 'no-pc']],
  ])('the assembler reads a whole listing of objdump, %s', (_, options) => {
    const instructions = randomInstructions(randomStream(seed, 'npu/objdump/text'), 1000);
    const file = writeFirmwareElf(imageOf(encodeProgram(instructions), 8));
    const assembly = assemble(objdumpOf([file], ...options), { fragment: true });
    expect(assembly.errors).toEqual([]);
    expect(assembly.instructions).toStrictEqual(instructions);
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
        const refused = theirs.endsWith('# ERROR') || MEANINGLESS.some(({ is }) => is(word, theirs));
        expect(instruction === undefined, `0x${word.toString(16)} is ${theirs}`).toBe(refused);
        if (instruction === undefined) return;
        decoded++;
        expect(instructionText(instruction), `0x${word.toString(16)}`).toBe(theirs);
      });
    }
    expect(decoded).toBeGreaterThan(words.length / 4);
  });

  function objdumpOf(files: readonly Uint8Array[], ...options: readonly string[]): string {
    const paths = files.map((file, i) => {
      const path = join(folder, `${i}.elf`);
      writeFileSync(path, file);
      return path;
    });
    return execFileSync(objdump, ['-dz', ...options, ...paths], { encoding: 'utf8', maxBuffer: 2 ** 30 });
  }

  /** Lines of instructions, a list for each file. */
  function listingsOf(files: readonly Uint8Array[], ...options: readonly string[]): string[][] {
    const output = objdumpOf(files, '--no-show-raw-insn', ...options);
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

/**
 * Words that objdump prints although they make no sense: it prints fields without asking whether they go together. We
 * refuse them, so that nothing runs whose meaning is unknown. Nothing else may be refused.
 */
const MEANINGLESS: readonly { readonly what: string; is(word: number, text: string): boolean }[] = [
  {
    what: 'ld_field and mul_step last write to an immediate',
    is: (_, text) => /^(ld_field|ld_field_w_clr)\[0x|^mul_step\[0x\w+, --\]/.test(text),
  },
  {
    what: 'a branch tests an immediate, or jumps to one',
    is: (_, text) => /^(br_bset|br_bclr|br=byte|br!=byte|jump|rtn)\[0x/.test(text),
  },
  {
    what: 'a branch by bit or byte has two registers and nothing that says what to compare',
    is: (word, text) => /^(br_bset|br_bclr|br=byte|br!=byte)/.test(text) && !bit(word, 5) && !bit(word, 15),
  },
  {
    what: 'jump or immed has two registers and no number',
    is: (word, text) => /^(jump|rtn|immed)/.test(text) && bits(word, 8, 2) !== 3 && bits(word, 18, 2) !== 3,
  },
  {
    what: 'immed puts both a byte and a word',
    is: (word, text) => text.startsWith('immed') && bits(word, 29, 2) === 3,
  },
  { what: 'immed_w puts half a word', is: (word, text) => text.startsWith('immed_w') && bits(word, 33, 1) === 1 },
  {
    what: 'asr shifts left, rotates or shifts two words',
    is: (word, text) => /^(asr|dbl_shf)/.test(text) && bits(word, 33, 3) === 6 && bits(word, 8, 2) !== 1,
  },
  {
    what: 'byte_align is neither of big nor of little endian, or reads through a pointer that it has no bit for',
    is: (word, text) =>
      text.startsWith('byte_align') && ([0, 3].includes(bits(word, 8, 2)) || (bit(word, 42) && /, \*l\$/.test(text))),
  },
  { what: 'crc names octets 7, of which there are none', is: (_, text) => text.includes('(null)') },
  { what: 'a code store access, which this microengine has not', is: (_, text) => /^(urd|uwr)\[/.test(text) },
  { what: 'mul_step starts with a step', is: (word, text) => /\], start/.test(text) && bits(word, 20, 3) !== 0 },
];

/** A word of a class drawn evenly: its fixed bits, the others at random. */
function randomWord(random: RandomStream): number {
  const classes = Object.values(WORD_CLASS);
  const { base, mask } = classes[random.below(classes.length)]!;
  const combine = (fixed: number, fixedMask: number): number => ((random.uint32() & ~fixedMask) | fixed) >>> 0;
  const low = combine(base >>> 0, mask >>> 0);
  const high = combine(Math.floor(base / 2 ** 32), Math.floor(mask / 2 ** 32)) & 0x1fff;
  return high * 2 ** 32 + low;
}
