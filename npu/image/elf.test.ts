import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../base/random.ts';
import { disassemblyLines } from '../assembler/disassembler.ts';
import { randomInstructions, randomProgram } from '../isa/random-program.ts';
import { verifyProgram } from '../isa/verify-program.ts';
import { decodeProgram, decodeVerifiedProgram } from './decode.ts';
import { MEMORIES } from './elf-format.ts';
import { readFirmwareElf } from './elf-read.ts';
import { writeFirmwareElf } from './elf-write.ts';
import { encodeProgram } from './encode.ts';
import type { FirmwareImage } from './firmware-image.ts';

const sample: FirmwareImage = {
  contexts: 8,
  instructions: encodeProgram(randomInstructions(randomStream(1, 'npu/elf'), 50)),
  entry: 3,
  data: [
    { memory: 'emem', address: 0x1000, octets: Uint8Array.of(1, 2, 3) },
    { memory: 'emem', address: 0x4000, octets: new Uint8Array(0) },
    { memory: 'local', address: 16, octets: Uint8Array.of(9) },
  ],
  regions: [
    { name: 'pages', owner: 'web-server', memory: 'emem', address: 0x1000, octets: 512, read: true, write: false },
    { name: 'slots', owner: 'runtime', memory: 'imem', address: 0, octets: 2 ** 22, read: true, write: true },
    { name: 'fence', owner: 'web-server', memory: 'ctm', address: 7, octets: 1, read: false, write: true },
  ],
  lambdas: [
    { name: 'web-server', id: 1 },
    { name: 'image-transformer', id: 0xffffffff },
  ],
  symbols: [
    { name: 'receive', owner: 'runtime', memory: 'code', address: 0, size: 20 },
    { name: 'web_server', owner: 'web-server', memory: 'code', address: 20, size: 30 },
    { name: 'pages', owner: 'web-server', memory: 'emem', address: 0x1000, size: 512 },
    { name: 'counter', owner: 'runtime', memory: 'cls', address: 8, size: 4 },
  ],
  lines: [
    { instruction: 0, file: 'lambdas/runtime/receive.c', line: 1 },
    {
      instruction: 20,
      file: 'lambdas/web-server/web-server.c',
      line: 12,
      also: [
        { file: 'lambdas/web-server/web-server.c', line: 40 },
        { file: 'lambdas/image-mean/image-mean.c', line: 7 },
      ],
    },
    { instruction: 21, file: 'lambdas/web-server/web-server.c', line: 11 },
  ],
};

const name = fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\0', ''));
const memory = fc.constantFrom(...MEMORIES);
const octets40 = fc.integer({ min: 0, max: 2 ** 39 });

const anyImage: fc.Arbitrary<FirmwareImage> = fc.integer({ min: 1, max: 60 }).chain((count) =>
  fc.record({
    contexts: fc.constantFrom(4 as const, 8 as const),
    instructions: fc
      .array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: count, maxLength: count })
      .map((words) => BigUint64Array.from(words)),
    entry: fc.integer({ min: 0, max: count - 1 }),
    data: fc.array(fc.record({ memory, address: octets40, octets: fc.uint8Array({ maxLength: 40 }) }), {
      maxLength: 5,
    }),
    regions: fc.array(
      fc.record({
        name,
        owner: name,
        memory,
        address: octets40,
        octets: octets40,
        read: fc.boolean(),
        write: fc.boolean(),
      }),
      { maxLength: 6 },
    ),
    lambdas: fc.array(fc.record({ name, id: fc.integer({ min: 0, max: 0xffffffff }) }), { maxLength: 4 }),
    symbols: fc.array(
      fc.oneof(
        fc.record({ name, owner: name, memory, address: octets40, size: octets40 }),
        fc.record({
          name,
          owner: name,
          memory: fc.constant('code' as const),
          address: fc.constant(count - 1),
          size: fc.integer({ min: 0, max: 1 }),
        }),
      ),
      { maxLength: 8 },
    ),
    lines: fc.uniqueArray(fc.integer({ min: 0, max: count - 1 }), { maxLength: 10 }).chain((instructions) =>
      fc.tuple(
        ...instructions
          .sort((a, b) => a - b)
          .map((instruction) =>
            fc.record(
              {
                instruction: fc.constant(instruction),
                file: name,
                line: fc.integer({ min: 0, max: 1e6 }),
                also: fc.array(fc.record({ file: name, line: fc.integer({ min: 0, max: 1e6 }) }), {
                  minLength: 1,
                  maxLength: 3,
                }),
              },
              { requiredKeys: ['instruction', 'file', 'line'] },
            ),
          ),
      ),
    ),
  }),
);

describe('firmware image as an ELF file', () => {
  test('the sample comes back', () => {
    expect(readFirmwareElf(writeFirmwareElf(sample))).toEqual({ ok: true, value: sample });
  });

  test('sections of memories are as long as what the image has in them reaches', () => {
    const file = writeFirmwareElf(sample);
    const view = new DataView(file.buffer);
    const table = Number(view.getBigUint64(40, true));
    const header = (index: number) => table + 64 * index;
    const offsetOf = (index: number) => Number(view.getBigUint64(header(index) + 24, true));
    const nameAt = (at: number) => new TextDecoder().decode(file.subarray(at, file.indexOf(0, at)));
    const names = offsetOf(view.getUint16(62, true));
    const sizes = new Map(
      Array.from({ length: view.getUint16(60, true) }, (_, i) => [
        nameAt(names + view.getUint32(header(i), true)),
        Number(view.getBigUint64(header(i) + 32, true)),
      ]),
    );
    for (const memory of ['emem', 'imem', 'ctm', 'cls'] as const) {
      const ends = [
        ...sample.data.map((item) => (item.memory === memory ? item.address + item.octets.length : 0)),
        ...sample.regions.map((item) => (item.memory === memory ? item.address + item.octets : 0)),
        ...sample.symbols.map((item) => (item.memory === memory ? item.address + item.size : 0)),
      ];
      expect(sizes.get(`.${memory}`), memory).toBe(Math.max(...ends));
    }
    expect(sizes.get('.emem')).toBeGreaterThan(0);
  });

  test('any image comes back, and has one form', () => {
    fc.assert(
      fc.property(anyImage, (image) => {
        const file = writeFirmwareElf(image);
        expect(readFirmwareElf(file)).toEqual({ ok: true, value: image });
        expect(writeFirmwareElf(image)).toEqual(file);
      }),
      { numRuns: 120 },
    );
  });

  test('a file in the middle of a larger buffer is read', () => {
    const file = writeFirmwareElf(sample);
    const buffer = new Uint8Array(file.length + 11);
    buffer.set(file, 3);
    expect(readFirmwareElf(buffer.subarray(3, 3 + file.length))).toEqual({ ok: true, value: sample });
  });
});

describe('hostile files', () => {
  const file = writeFirmwareElf(sample);
  const header = new DataView(file.buffer).getUint32(40, true);

  test('every shorter file is refused with a code', () => {
    for (let length = 0; length < file.length; length++) {
      const result = readFirmwareElf(file.subarray(0, length));
      expect(result.ok, `${length} octets`).toBe(false);
      if (!result.ok) expect(result.error.code).toMatch(/^nfp-elf-/);
    }
  });

  test('changed octets give an image or a coded error, never an exception', () => {
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const changed = file.slice();
          for (const [at, octet] of changes) changed[at] = octet;
          const result = readFirmwareElf(changed);
          if (!result.ok) {
            refused++;
            expect(result.error.code).toMatch(/^nfp-elf-[a-z-]+$/);
            expect(result.error.offset).toBeLessThanOrEqual(file.length);
          }
        },
      ),
      { numRuns: 2500 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  test('changed section headers likewise', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: file.length - header - 4 }), fc.integer(), (at, value) => {
        const changed = file.slice();
        new DataView(changed.buffer).setInt32(header + at, value, true);
        const result = readFirmwareElf(changed);
        if (!result.ok) expect(result.error.code).toMatch(/^nfp-elf-/);
      }),
      { numRuns: 2500 },
    );
  });

  test('what is read after changes goes through decoder, verifier and disassembler without an exception', () => {
    const instructions = randomProgram(randomStream(2, 'npu/elf/fuzz'), 50);
    const valid = writeFirmwareElf({ ...sample, instructions: encodeProgram(instructions) });
    const text = 64;
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(50 * 8 - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 2 }),
        (words, others) => {
          const changed = valid.slice();
          for (const [at, octet] of words) changed[text + at] = octet;
          for (const [at, octet] of others) changed[at] = octet;
          const image = readFirmwareElf(changed);
          if (!image.ok) {
            expect(image.error.code).toMatch(/^nfp-elf-/);
            return;
          }
          const program = decodeProgram(image.value.instructions, image.value.contexts);
          if (!program.ok) {
            expect(program.error.code).toMatch(/^npu-word-/);
            return;
          }
          accepted++;
          const verified = decodeVerifiedProgram(image.value.instructions, image.value.contexts);
          expect(verified.ok).toBe(verifyProgram(program.value, image.value.contexts).length === 0);
          if (!verified.ok) expect(verified.error.offset).toBeLessThan(8 * program.value.length);
          expect(disassemblyLines(program.value).length).toBe(program.value.length);
          for (const { code } of verifyProgram(program.value, image.value.contexts)) expect(code).toMatch(/^npu-/);
        },
      ),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test('sections that share octets, long names and long tables cost no more than the file is long', () => {
    const wide = writeFirmwareElf({
      ...sample,
      data: Array.from({ length: 3000 }, (_, i) => ({ memory: 'emem', address: i, octets: new Uint8Array(8) })),
    });
    const view = new DataView(wide.buffer);
    const table = Number(view.getBigUint64(40, true));
    for (let i = 8; i < 3000; i++) {
      view.setBigUint64(table + 64 * i + 24, 0n, true);
      view.setBigUint64(table + 64 * i + 32, BigInt(wide.length), true);
    }
    expect(readFirmwareElf(wide)).toMatchObject({ ok: false, error: { code: 'nfp-elf-data' } });

    const name = 'x'.repeat(4096);
    const named = writeFirmwareElf({ ...sample, lambdas: [{ name, id: 1 }] });
    expect(readFirmwareElf(named).ok).toBe(true);
    const longer = named.slice();
    longer[longer.indexOf(0, Buffer.from(named).indexOf(name))] = 0x78;
    expect(readFirmwareElf(longer)).toMatchObject({ ok: false, error: { code: 'nfp-elf-strings' } });

    const lambdas = Array.from({ length: 65_536 }, (_, id) => ({ name: 'a', id }));
    expect(readFirmwareElf(writeFirmwareElf({ ...sample, lambdas })).ok).toBe(true);
    const more = writeFirmwareElf({ ...sample, lambdas: [...lambdas, { name: 'a', id: 7 }] });
    expect(readFirmwareElf(more)).toMatchObject({ ok: false, error: { code: 'nfp-elf-table' } });
  });

  test('random octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        expect(readFirmwareElf(octets).ok).toBe(false);
      }),
    );
  });

  function changedAt(offset: number, value: number, octets = 4): string | undefined {
    const changed = file.slice();
    const view = new DataView(changed.buffer);
    if (octets === 2) view.setUint16(offset, value, true);
    else view.setUint32(offset, value, true);
    const result = readFirmwareElf(changed);
    return result.ok ? undefined : result.error.code;
  }

  test('the last name has to end inside its table', () => {
    // .strtab is section 16: one octet less, and the last name has no zero octet.
    const sizeAt = header + 64 * 16 + 32;
    const size = new DataView(file.buffer).getUint32(sizeAt, true);
    expect(changedAt(sizeAt, size - 1)).toBe('nfp-elf-strings');
  });

  test.each([
    ['nfp-elf-magic', 0, 0x12345678, 4],
    ['nfp-elf-class', 4, 0x00010101, 4],
    ['nfp-elf-machine', 18, 62, 2],
    ['nfp-elf-machine', 48, 0x3200 << 8, 4],
    ['nfp-elf-entry', 24, 50 * 8, 4],
    ['nfp-elf-entry', 24, 9, 4],
    ['nfp-elf-sections', 60, 0xffff, 2],
    ['nfp-elf-sections', 62, 0xfff0, 2],
    ['nfp-elf-truncated', 40, 0x7fffffff, 4],
    ['nfp-elf-address', 44, 0x7fffffff, 4],
    // Size of .text, section 1: not a multiple of 8; larger than the file.
    ['nfp-elf-text-size', header + 64 + 32, 12, 4],
    ['nfp-elf-truncated', header + 64 + 32, 0x100000, 4],
    ['nfp-elf-no-text', header + 64, 0, 4],
  ])('%s by a value at %i', (code, offset, value, octets) => {
    expect(changedAt(offset, value, octets)).toBe(code);
  });
});
