import { describe, expect, test } from 'vitest';
import type { NodeReport } from '../../time/node.ts';
import { DEPTH_PARTS, deepestQueues, queueRows } from './queue-depths.ts';
import { queueName, queuePlot, sparkline } from './queue-plot.ts';

const sample = (interval: number, maximumOctets: number) => {
  return { timePs: (interval + 1) * 100, periodPs: 100, octets: maximumOctets / 2, maximumOctets };
};

const reports = new Map<string, NodeReport>([
  [
    'switch',
    {
      counters: {},
      queueSamples: [
        { port: 'switch.1', priorities: 'all', samples: [sample(0, 10), sample(3, 20), sample(5, 2)] },
        {
          port: 'switch.2',
          priorities: '3',
          samples: [sample(0, 10), sample(50, 1_000), sample(51, 4_000), sample(109, 800)],
        },
        { port: 'switch.3', priorities: '0 1', samples: [sample(52, 900)] },
        { port: 'switch.4', priorities: 'all', samples: [] },
      ],
    },
  ],
  ['m1', { counters: {} }],
]);

describe('depths of queues', () => {
  test('are one row a sample', () => {
    const rows = queueRows(reports);
    expect(rows).toHaveLength(8);
    expect(rows[4]).toEqual({
      timePs: 5_100,
      periodPs: 100,
      switch: 'switch',
      port: 'switch.2',
      priorities: '3',
      octets: 500,
      maximumOctets: 1_000,
    });
  });

  test('show the deepest first, over the time in which it was worth a look, and leave out shallow ones', () => {
    const [first, second, ...others] = deepestQueues(reports);
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      port: 'switch.2',
      maximumOctets: 4_000,
      maximumAtPs: 5_200,
      fromPs: 5_000,
      toPs: 11_000,
    });
    // Sixty intervals in sixty parts.
    const depths = new Array<number>(DEPTH_PARTS).fill(0);
    expect(first!.depths).toEqual([1_000, 4_000, ...depths.slice(3), 800]);
    expect(second!.depths.indexOf(900)).toBe(2);
    expect(queueName(first!)).toBe('switch.2, priority 3');
    expect(queueName(second!)).toBe('switch.3, priorities 0 1');
  });

  test('are lines of blocks, and a picture', () => {
    expect(sparkline([0, 1, 500, 874, 1_000], 1_000)).toBe(' ▁▅▇█');
    const picture = queuePlot(deepestQueues(reports));
    expect(picture.match(/<polyline /g)).toHaveLength(2);
    expect(picture).toContain('switch.2, priority 3: at most 3.91 KiB at 0.000000 s');
  });

  test('are none where nothing was sampled', () => {
    expect(deepestQueues(new Map([['m1', { counters: {} }]]))).toEqual([]);
  });
});
