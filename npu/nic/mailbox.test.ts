import { expect, it } from 'vitest';
import { shippedProfile } from '../../test/shipped-files.ts';
import { assemble } from '../assembler/assembler.ts';
import { interpretCore } from '../execution/interpreter.ts';
import { createTranslatingEngine } from '../translate/translating-engine.ts';
import { runProgram } from './run-program.ts';

it.each([
  ['interpreter', interpretCore],
  ['translator', createTranslatingEngine()],
])('tells whoever watches of every write of a mailbox, in order, also of equal values: %s', (_, engine) => {
  const { instructions, errors } = assemble(`
    immed[gprA_0, 3]
  again:
    local_csr_wr[Mailbox0, gprA_0]
    local_csr_wr[Mailbox1, 7]
    alu[gprA_0, gprA_0, -, 1]
    bne[again]
    alu[gprA_1, --, ~B, 0]
    local_csr_wr[Mailbox3, gprA_1]
    ctx_arb[kill]`);
  expect(errors).toEqual([]);
  const seen: string[] = [];
  const mailbox = (core: number, number: number, value: number) => seen.push(`${core}.${number}=${value}`);
  runProgram({ profile: shippedProfile(), instructions, engine, mailbox });
  expect(seen).toEqual(['0.0=3', '0.1=7', '0.0=2', '0.1=7', '0.0=1', '0.1=7', '0.3=4294967295']);
});
