import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { randomStream } from '../../base/random.ts';
import { interpretCore } from '../execution/interpreter.ts';
import { type NicProfile, parseNicProfile } from '../profile.ts';
import { randomRun, WATCHDOG_CYCLES } from './random-run.ts';
import { differences, outcomeOf } from './run-outcome.ts';
import { createTranslatingEngine } from './translating-engine.ts';

/*
 * The interpreter is the oracle: whatever it leaves, the translating engine has to leave. NPU_AGREEMENT_PROGRAMS is the
 * number of random programs, 10,000 in the nightly form; NPU_AGREEMENT_SEED begins with another program.
 */
const PROGRAMS = Number(process.env.NPU_AGREEMENT_PROGRAMS ?? 300);
const SEED = Number(process.env.NPU_AGREEMENT_SEED ?? 1);

const shipped = parseNicProfile(
  parse(readFileSync(new URL('../../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8')),
);
/** Two islands, so that some memories are shared by some cores only. */
const profile: NicProfile = {
  ...shipped,
  islands: [
    { number: 32, cores: 2 },
    { number: 33, cores: 1 },
  ],
  coreCount: 3,
  packet: { ...shipped.packet, watchdogCycles: WATCHDOG_CYCLES },
};

test(`engines agree on everything that ${PROGRAMS} random programs leave`, { timeout: 3_600_000 }, () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const run = randomRun(randomStream(seed, 'npu/agreement'));
      const translated = outcomeOf(run, createTranslatingEngine(1 + (seed % 3)), profile);
      expect(differences(translated, outcomeOf(run, interpretCore, profile))).toEqual([]);
    }),
    { numRuns: PROGRAMS, seed: SEED, endOnFailure: true },
  );
});
