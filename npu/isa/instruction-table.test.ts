import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { randomStream } from '../../base/random.ts';
import { instructionText } from '../assembler/disassembler.ts';
import { INSTRUCTION_TABLE, instructionTableMarkdown } from './instruction-table.ts';
import { randomInstruction } from './random-program.ts';

test('every instruction that can be encoded has a row', () => {
  const names = new Set(INSTRUCTION_TABLE.flatMap((entry) => entry.names));
  const random = randomStream(2, 'npu/table');
  for (let i = 0; i < 20_000; i++) {
    const name = instructionText(randomInstruction(random)).replace(/[[,].*/, '');
    expect(names.has(name), name).toBe(true);
  }
});

test('the manual shows the table', () => {
  const manual = readFileSync(new URL('../../docs/npu-instruction-set.md', import.meta.url), 'utf8');
  const shown = /<!-- instruction table: begin -->\n([\s\S]*?)\n?<!-- instruction table: end -->/.exec(manual)?.[1];
  expect(shown).toBe(instructionTableMarkdown());
});
