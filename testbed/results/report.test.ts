import { describe, expect, test } from 'vitest';
import { PS_PER_US } from '../../base/units.ts';
import { surfaceOf } from '../terminal.ts';
import { formatSummary, type RunSummary } from './report.ts';

const latencyPs = {
  p50: 20.8 * PS_PER_US,
  p90: 20.9 * PS_PER_US,
  p99: 21.1 * PS_PER_US,
  p999: 21.3 * PS_PER_US,
  max: 121.6 * PS_PER_US,
};
const workloads = ['web', 'key-value', 'image'].map((workload) => ({
  workload,
  requests: 10_000_000,
  completed: 9_999_999,
  retransmitted: 3,
  failed: 1,
  failures: { 'no-answer': 1 },
  latencyPs,
  throughputPerSecond: 383_725.2,
}));
const summary: RunSummary = {
  topology: 'four-workers',
  seed: 1,
  transport: 'udp',
  clock: 'virtual',
  processes: 8,
  pinned: true,
  workloads,
  frames: 62_734,
  framesDropped: 1_234,
  emulatedSeconds: 10.160609431277,
  workloadSeconds: 0.033588721443,
  wallSeconds: 14.93,
  speed: 0.68,
  queues: [],
  digest: 'ef18ca81dc4981a8b3901557832c05570ccb02d36fdb9170e062f8e64425dbc9',
  results: '/home/someone/lambda-nic/results/four-workers-2026-01-31T12-00-00-000',
  datagramsSent: 129_040,
  datagramsResent: 92,
  failures: ['client: web request 7 (web-server): octet 4: expected 0x6f, got 0x6e\u001b[2J'],
};

const linesAt = (columns: number | undefined): string[] =>
  formatSummary(summary, surfaceOf({ isTTY: columns !== undefined, columns: columns ?? 0 }, { NO_COLOR: '1' })).split(
    '\n',
  );
const isWhole = (line: string): boolean => /^(digest|results) /.test(line);

describe('the report', () => {
  for (const columns of [30, 40, 60, 80, 100, 120]) {
    test(`fits ${columns} columns, digest and folder apart, and says all that it says elsewhere`, () => {
      const lines = linesAt(columns);
      for (const line of lines) if (!isWhole(line)) expect(line.length, line).toBeLessThanOrEqual(columns);
      expect(lines).toContain(`digest     ${summary.digest}`);
      expect(lines).toContain(`results    ${summary.results}`);
      const words = (text: readonly string[]): string[] => text.join(' ').match(/[^\s│─┌┬┐├┼┤└┴┘]+/g)!;
      expect(new Set(words(lines))).toEqual(new Set(words(linesAt(undefined))));
      expect(words(lines).filter((word) => word === '21.1')).toHaveLength(3);
    });
  }

  test('has a row a workload where there is room, else a column', () => {
    const rowOf = (lines: readonly string[], name: string) => lines.find((line) => line.startsWith(`│ ${name} `))!;
    expect(rowOf(linesAt(undefined), 'image').match(/[^\s│]+/g)).toEqual(
      'image 10000000 9999999 3 1 20.8 us 20.9 us 21.1 us 21.3 us 122 us 383,725'.split(' '),
    );
    expect(rowOf(linesAt(60), 'failed').match(/[^\s│]+/g)).toEqual(['failed', '1', '1', '1']);
  });

  test('shows control characters of a failure, and obeys none', () => {
    expect(linesAt(undefined).at(-2)).toMatch(/^FAILED {5}client: web request 7 .*0x6e␛\[2J$/);
  });
});
