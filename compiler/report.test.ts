import { expect, test } from 'vitest';
import { shippedProfile, shippedSources } from '../test/shipped-files.ts';
import { buildFirmware } from './build-firmware.ts';
import { naiveFourSources } from './naive-four.ts';
import { measureNaiveFour } from './naive-four-requests.ts';
import { FIGURE_9_PASSES, formatOptimiserReport, formatRefusedAccesses, optimiserReport } from './report.ts';

test('the table behind Figure 9: each pass makes the naive program smaller, and the answers sooner', () => {
  const profile = shippedProfile();
  const files = shippedSources();
  const made = optimiserReport(
    (disabledPasses) => buildFirmware(naiveFourSources(profile, files, { disabledPasses })),
    [],
    (build) => measureNaiveFour(profile, build.image),
  );
  if (!made.ok) throw new Error('the naive program compiles');
  const { stages, isolation, placement } = made.report;
  expect(stages.map(({ name }) => name)).toEqual(['naive', ...FIGURE_9_PASSES]);
  for (const [i, stage] of stages.entries()) {
    if (i > 0) expect(stage.instructions, stage.name).toBeLessThan(stages[i - 1]!.instructions);
    expect(stage.predictedCycles).toBeGreaterThan(100);
  }
  expect(stages[0]!.changePercent).toBe(0);
  expect(stages.at(-1)!.measuredCycles!).toBeLessThan(stages[0]!.measuredCycles!);
  expect(Object.values(isolation).every(({ checked }) => checked === 0)).toBe(true);
  expect(placement.find(({ object }) => object === 'pages')).toMatchObject({ memory: 'cls', why: 'estimate' });
  const text = formatOptimiserReport(made.report, true);
  expect(text).toMatch(/^passes so far +instructions +change/);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(text).toContain('paper, all three');
  expect(text).toContain('compare each column only with itself');
  expect(formatOptimiserReport(made.report, false)).not.toContain('paper');
});

test('the report of a program that does not compile counts the accesses that are refused', () => {
  const lambda = (name: string, body: string) => `int ${name}(void) { ${body} }\n`;
  const files = new Map([
    ['one.c', `${lambda('one', 'unsigned own[2]; own[2] = 1; return own[5] + missing;')}`],
    ['two.c', lambda('two', 'unsigned a[3] = {1}; return a[3];')],
    ['main.c', 'int one(void); int two(void); int main(void) { return one() + two(); }'],
  ]);
  const build = buildFirmware({ files, profile: shippedProfile(), lambdas: [], runtime: [...files.keys()] });
  if (build.ok) throw new Error('three accesses are out of bounds');
  expect(formatRefusedAccesses(build.diagnostics).split('\n')).toEqual([
    'accesses in  refused',
    'one.c              2',
    'two.c              1',
    '',
  ]);
  expect(formatRefusedAccesses(build.diagnostics.filter(({ code }) => !code.includes('bounds')))).toBe('');
});
