import { assert } from '../../../base/assert.ts';
import { assemble } from '../../assembler/assembler.ts';
import { type ProgramResult, type ProgramRun, runProgram } from '../../nic/run-program.ts';
import type { NicProfile } from '../../profile.ts';

/** Runs text for tests of commands, with gprA_0 at the upper bits of EMEM's addresses; every context kills itself. */
export function runText(profile: NicProfile, text: string, options: Partial<ProgramRun> = {}): ProgramResult {
  const { instructions, errors } = assemble(`immed[gprA_0, 0x9800, <<16]\n${text}\nctx_arb[kill]`);
  assert(errors.length === 0, errors.map((error) => error.message).join('\n'));
  return runProgram({ profile, instructions, limitCycles: 1_000_000, ...options });
}
