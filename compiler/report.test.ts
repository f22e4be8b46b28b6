import { expect, test } from 'vitest';
import { shippedProfile, shippedSources } from '../test/shipped-files.ts';
import { buildFirmware } from './build-firmware.ts';
import { naiveFourSources } from './naive-four.ts';
import { measureNaiveFour } from './naive-four-requests.ts';
import { FIGURE_9_PASSES, formatOptimiserReport, optimiserReport } from './report.ts';

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
  expect(text).toContain('paper, all three');
  expect(formatOptimiserReport(made.report, false)).not.toContain('paper');
});
