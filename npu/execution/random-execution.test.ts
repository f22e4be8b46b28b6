import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { randomStream } from '../../base/random.ts';
import { verifyProgram } from '../isa/verify-program.ts';
import { runProgram } from '../nic/run-program.ts';
import { parseNicProfile } from '../profile.ts';
import { randomExecution } from './random-execution.ts';

const profile = parseNicProfile(
  parse(readFileSync(new URL('../../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8')),
);
const regions = (['emem', 'imem', 'ctm', 'cls', 'local'] as const).map((memory) => ({
  name: memory,
  owner: 'runtime',
  memory,
  address: 0,
  octets: memory === 'local' ? 4096 : profile.memories[memory].octets,
  read: true,
  write: true,
}));

describe('random programs', () => {
  test.each([8, 4] as const)('with %i contexts keep the rules, end, and fault nowhere', (contexts) => {
    const kinds = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const execution = randomExecution(randomStream(seed, 'execution'), contexts);
      expect([seed, verifyProgram(execution.instructions, contexts)]).toEqual([seed, []]);
      const result = runProgram({ profile, ...execution, regions, limitCycles: 10_000_000 });
      expect([seed, result.faults, result.ended]).toEqual([seed, [], true]);
      for (const { kind } of execution.instructions) kinds.add(kind);
    }
    expect([...kinds].sort()).toEqual(
      [
        ...[
          'alu',
          'alu_shf',
          'asr',
          'br_bit',
          'br_byte',
          'br_context',
          'br_state',
          'branch',
          'byte_align',
          'cam_clear',
        ],
        ...['cam_lookup', 'cam_write', 'command', 'crc', 'ctx_arb', 'dbl_shf', 'immed', 'jump', 'ld_field'],
        ...['local_csr_rd', 'local_csr_wr', 'mul_step', 'nop', 'unary'],
      ].sort(),
    );
  });
});
