import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../base/random.ts';
import { decodeProgram } from '../image/decode.ts';
import { encodeProgram } from '../image/encode.ts';
import { randomInstructions } from '../isa/random-program.ts';
import { verifyProgram } from '../isa/verify-program.ts';
import { assemble } from './assembler.ts';
import { disassemblyLines, instructionText } from './disassembler.ts';

/** Whatever the text is, the assembler answers with instructions or coded errors, and what it accepts is sound. */
function checkAssembles(text: string, fragment: boolean): number {
  const { instructions, lines, errors } = assemble(text, { file: 'fuzz.asm', fragment });
  expect(lines.length).toBe(instructions.length);
  const texts = text.split('\n');
  for (const { code, position } of errors) {
    expect(code).toMatch(/^(asm|npu)-[a-z-]+$/);
    expect(position.line).toBeGreaterThan(0);
    expect(position.line).toBeLessThanOrEqual(texts.length);
    expect(position.column).toBeLessThanOrEqual((texts[position.line - 1]?.length ?? 0) + 1);
  }
  if (errors.length === 0) {
    const decoded = decodeProgram(encodeProgram(instructions));
    expect(decoded.ok && decoded.value.map(instructionText)).toEqual(instructions.map(instructionText));
  }
  return errors.length;
}

describe('the assembler', () => {
  test('octets of any value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (octets, fragment) => {
        checkAssembles(new TextDecoder('latin1').decode(octets), fragment);
      }),
      { numRuns: 3000 },
    );
  });

  test('pieces of programs in any order', () => {
    const words =
      'alu[ mem[ gprA_1 gprB_2 , ] [ + -- 0x1f <<8 >>rot3 *l$index0[2] $xfer_3 read32 ctx_swap[sig1] br[.0] x: ; // /* */ ' +
      'nop 8: .1 \t ... <main>: defer[3] mul_step[ ctx_arb[ local_csr_rd[ ct[ 0xffffffff 99999999999 __proto__ constructor';
    const fragments = fc.constantFrom(...words.split(' '), '\n', ' ', '\r\n');
    const soup = fc.array(fc.oneof(fragments, fc.string({ maxLength: 4 })), { maxLength: 60 });
    fc.assert(
      fc.property(soup, fc.boolean(), (parts, fragment) => {
        checkAssembles(parts.join(''), fragment);
      }),
      { numRuns: 3000 },
    );
  });

  test('programs with characters changed, lost and doubled', () => {
    const listing = (seed: number): string =>
      disassemblyLines(randomInstructions(randomStream(seed, 'npu/fuzz'), 12)).join('\n');
    const edit = fc.record({ at: fc.nat(), cut: fc.nat(6), put: fc.string({ maxLength: 3 }) });
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(), fc.array(edit, { minLength: 1, maxLength: 4 }), (seed, edits) => {
        let text = listing(seed);
        for (const { at, cut, put } of edits) {
          const from = at % (text.length + 1);
          text = text.slice(0, from) + put + text.slice(from + cut);
        }
        if (checkAssembles(text, true) > 0) refused++;
      }),
      { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(1000);
  });

  test('long lines and many of them take no longer than their length', () => {
    // Each would take minutes where the work grew with the square of the length.
    for (const text of ['a:', 'alu[', '/**/', 'nop,x', 'br[x]\n', 'x: br[y]\n', 'mem[reed,$xfer_0,1,1]\n', '[[]]']) {
      checkAssembles(text.repeat(100_000), true);
    }
  });
});

describe('decoder, disassembler and verifier', () => {
  test('words of any value', () => {
    const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    const narrow = fc.bigInt({ min: 0n, max: (1n << 45n) - 1n });
    let decodedWords = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof(narrow, narrow, narrow, word), { maxLength: 4 }),
        fc.constantFrom(4, 8),
        (words, contexts) => {
          const decoded = decodeProgram(BigUint64Array.from(words), contexts);
          if (!decoded.ok) {
            expect(decoded.error.code).toMatch(/^npu-word-(invalid|ecc)$/);
            expect(decoded.error.offset).toBeLessThan(8 * words.length);
            return;
          }
          decodedWords += words.length;
          disassemblyLines(decoded.value);
          const problems = verifyProgram(decoded.value, contexts);
          for (const { code, instruction } of problems) {
            expect(code).toMatch(/^npu-[a-z-]+$/);
            expect(instruction).toBeLessThan(Math.max(1, words.length));
          }
          // Only what the verifier accepts may be encoded, run and printed for the assembler.
          if (problems.length === 0) checkAssembles(disassemblyLines(decoded.value).join('\n'), false);
        },
      ),
      { numRuns: 8000 },
    );
    expect(decodedWords).toBeGreaterThan(1000);
  });
});
