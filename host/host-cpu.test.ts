import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../time/scheduler.ts';
import { HostCpu } from './host-cpu.ts';

function processor(threads: number) {
  const scheduler = new Scheduler();
  const cpu = new HostCpu(
    { nowPs: () => scheduler.nowPs(), at: (timePs, callback) => scheduler.armTimer(0, timePs, callback) },
    threads,
  );
  return { scheduler, cpu };
}

describe('HostCpu', () => {
  it('does work without duration at once, without a timer', () => {
    const { scheduler, cpu } = processor(1);
    let done = 0;
    cpu.run(0, () => done++);
    expect(done).toBe(1);
    expect(scheduler.pendingEvents).toBe(0);
  });

  it('starts work in the order in which it came, on the thread that is free first', () => {
    const { scheduler, cpu } = processor(2);
    const ends: [string, number][] = [];
    for (const [name, servicePs] of [
      ['a', 100],
      ['b', 30],
      ['c', 50],
      ['d', 0],
      ['e', 10],
    ] as const) {
      cpu.run(servicePs, () => ends.push([name, scheduler.nowPs()]));
    }
    scheduler.run(Number.POSITIVE_INFINITY);
    // a on thread 0; b, c (30 to 80), d and e on thread 1.
    expect(ends).toEqual([
      ['b', 30],
      ['c', 80],
      ['d', 80],
      ['e', 90],
      ['a', 100],
    ]);
    expect(cpu.counters()).toMatchObject({ cpuJobs: 5, cpuJobsThatWaited: 3, cpuLongestWaitPs: 80, cpuBusyPs: 190 });
  });

  it('measures the work done so far, not what was promised', () => {
    const { scheduler, cpu } = processor(2);
    cpu.run(100, () => {});
    cpu.run(40, () => {});
    cpu.run(40, () => {});
    scheduler.armTimer(0, 50, () => {
      expect([cpu.threadBusyPs(0), cpu.threadBusyPs(1), cpu.busyPs()]).toEqual([50, 50, 100]);
      expect(cpu.utilisation()).toBe(1);
    });
    scheduler.armTimer(0, 200, () => {
      expect([cpu.threadBusyPs(0), cpu.threadBusyPs(1)]).toEqual([100, 80]);
      expect(cpu.utilisation()).toBe(180 / 400);
    });
    scheduler.run(Number.POSITIVE_INFINITY);
  });

  it('prefers the lowest-numbered thread when several are free, or become free at once', () => {
    const { scheduler, cpu } = processor(3);
    for (const servicePs of [10, 10, 10, 7]) cpu.run(servicePs, () => {});
    scheduler.armTimer(0, 20, () => cpu.run(5, () => {}));
    scheduler.run(Number.POSITIVE_INFINITY);
    expect([0, 1, 2].map((thread) => cpu.threadBusyPs(thread))).toEqual([22, 10, 10]);
  });

  it('agrees with a queue of k servers that is simulated step by step', () => {
    const job = fc.record({ gapPs: fc.nat(50), servicePs: fc.nat(100) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(job, { maxLength: 40 }), (threads, jobs) => {
        const { scheduler, cpu } = processor(threads);
        const ends = jobs.map(() => -1);
        let arrivalPs = 0;
        const expected = simulateQueue(threads, jobs);
        jobs.forEach(({ gapPs, servicePs }, i) => {
          arrivalPs += gapPs;
          scheduler.armTimer(0, arrivalPs, () =>
            cpu.run(servicePs, () => {
              ends[i] = scheduler.nowPs();
            }),
          );
        });
        scheduler.run(Number.POSITIVE_INFINITY);
        expect(ends).toEqual(expected);
        expect(cpu.busyPs()).toBe(jobs.reduce((sum, { servicePs }) => sum + servicePs, 0));
      }),
    );
  });
});

/** Oracle: one picosecond after the other, a list of waiting jobs and of what each thread does. */
function simulateQueue(threads: number, jobs: readonly { gapPs: number; servicePs: number }[]): number[] {
  const ends = jobs.map(() => -1);
  let at = 0;
  const arrivals = jobs.map(({ gapPs }) => {
    at += gapPs;
    return at;
  });
  const busyUntil = Array.from({ length: threads }, () => 0);
  let next = 0;
  for (let nowPs = 0; next < jobs.length; nowPs++) {
    while (next < jobs.length && arrivals[next]! <= nowPs) {
      const thread = busyUntil.findIndex((until) => until <= nowPs);
      if (thread === -1) break;
      busyUntil[thread] = nowPs + jobs[next]!.servicePs;
      ends[next] = busyUntil[thread]!;
      next++;
    }
  }
  return ends;
}
