import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { randomStream } from '../../base/random.ts';
import { assemble } from '../assembler/assembler.ts';
import { instructionText } from '../assembler/disassembler.ts';
import { runProgram } from '../nic/run-program.ts';
import { parseNicProfile } from '../profile.ts';
import { INSTRUCTION_TABLE, instructionTableMarkdown } from './instruction-table.ts';
import { randomInstruction } from './random-program.ts';

const profile = parseNicProfile(
  parse(readFileSync(new URL('../../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8')),
);

test('every instruction that can be encoded has a row, and no other', () => {
  const names = new Set(INSTRUCTION_TABLE.flatMap((entry) => entry.names));
  const seen = new Set(['load_addr']);
  const random = randomStream(2, 'npu/table');
  for (let i = 0; i < 20_000; i++) {
    const name = instructionText(randomInstruction(random)).replace(/[[,].*/, '');
    expect(names.has(name), name).toBe(true);
    seen.add(name);
  }
  expect([...names].filter((name) => !seen.has(name))).toEqual([]);
});

test('the manual shows the table', () => {
  const manual = readFileSync(new URL('../../docs/npu-instruction-set.md', import.meta.url), 'utf8');
  const shown = /<!-- instruction table: begin -->\n([\s\S]*?)\n?<!-- instruction table: end -->/.exec(manual)?.[1];
  expect(shown).toBe(instructionTableMarkdown());
});

test('every fact of a row has a source', () => {
  for (const { form, sources } of INSTRUCTION_TABLE) {
    for (const of of Object.values(sources)) expect(of.length, form).toBeGreaterThan(0);
  }
});

describe.each(INSTRUCTION_TABLE)('$form', ({ names, conditionCodes, cycles, examples }) => {
  test('the examples assemble, one of each name', () => {
    const { errors } = assemble(examples.join('\n'), { fragment: true });
    expect(errors.map(({ message }) => message)).toEqual([]);
    expect([...new Set(examples.map((text) => text.replace(/[[,].*/, '')))].sort()).toEqual([...names].sort());
  });

  // What branches, swaps or sends a command has its costs tested in npu/execution.
  if (!cycles.startsWith('1') || examples.some((text) => /^(mem|local_csr_rd)\[/.test(text))) return;

  test.each(examples)('%s: condition codes and cycles are those of the row', (example) => {
    const part = /^(load_cc|last) logic$/.exec(conditionCodes)?.[1];
    const sets = part === undefined ? conditionCodes : new RegExp(part).test(example) ? 'logic' : 'kept';
    // 0x80000000 twice gives Z V C, 0x7fffffff - 0x80000000 gives N V: from both, the codes go the same way.
    for (const before of ['alu[--, gprA_5, +, gprB_5]', 'alu[--, gprB_6, -, gprA_5]']) {
      const plain = codesAfter(before);
      const after = codesAfter(`${before}\n${example}`);
      expect(after.cycles - plain.cycles).toBe(1);
      if (sets === 'kept') expect(after.codes).toEqual(plain.codes);
      else {
        expect(after.codes.slice(0, 2)).toEqual([after.result >>> 31, after.result === 0 ? 1 : 0]);
        if (sets === 'logic') expect(after.codes.slice(2)).toEqual([0, 0]);
      }
    }
  });
});

/** N Z V C after a piece of text, gprA_1, and the cycles of it all with branches that ask for the codes. */
function codesAfter(text: string): { codes: number[]; result: number; cycles: number } {
  const ask = ['bmi', 'beq', 'bvs', 'bcs'].map((branch, i) => {
    return `immed[gprB_${10 + i}, 1]\n${branch}[.TARGET], defer[3]\nnop\nnop\nnop\nimmed[gprB_${10 + i}, 0]`;
  });
  const lines = [text, 'nop', ...ask].join('\n').split('\n');
  const source = [...lines.map((line, i) => line.replace('TARGET', String(i + 5))), 'ctx_arb[kill]'].join('\n');
  const { instructions, errors } = assemble(source);
  expect(errors.map(({ message }) => message)).toEqual([]);
  const registers = { gprA_1: 0x1234_5678, gprA_2: 0x89ab_cdef, gprB_2: 0x0fed_cba9, gprA_5: 0x8000_0000 };
  const state = runProgram({
    profile,
    instructions,
    registers: { ...registers, gprB_5: 0x8000_0000, gprB_6: 0x7fff_ffff },
  });
  const codes = [10, 11, 12, 13].map((i) => state.register(`gprB_${i}`));
  // A branch whose slots are filled costs nothing; where it is taken, an immed less executes.
  const taken = codes.filter((code) => code === 1).length;
  return { codes, result: state.register('gprA_1'), cycles: state.cycles + taken };
}
