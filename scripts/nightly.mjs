// `npm run nightly`: the property tests with as many random programs as promise something, and the long run with ten
// million frames, which takes minutes. A number that is already in the environment stays.
const FORMS = [
  { test: 'npu/assembler/objdump.test.ts', variable: 'NPU_RANDOM_PROGRAMS', programs: 10_000 },
  { test: 'npu/translate/agreement.test.ts', variable: 'NPU_AGREEMENT_PROGRAMS', programs: 10_000 },
  { test: 'compiler/against-gcc.test.ts', variable: 'MICRO_C_RANDOM_PROGRAMS', programs: 500 },
  { test: 'test/long-run.test.ts', variable: 'LONG_RUN_FRAMES', programs: 10_000_000 },
];

for (const { test, variable, programs } of FORMS) {
  process.env[variable] ??= String(programs);
  process.argv.push(test);
}
process.argv.push('--project', 'testbed');
await import('./test.mjs');
