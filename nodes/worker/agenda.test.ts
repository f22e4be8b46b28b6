import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../time/scheduler.ts';
import { Agenda, type Machine } from './agenda.ts';
import { NicClock } from './nic-clock.ts';
import { sha256 } from './sha-256.ts';

describe('clock', () => {
  test('cycles and picoseconds agree with exact fractions over the whole range of time', () => {
    const ratio = { cycles: 633, picoseconds: 1_000_000 };
    const clock = new NicClock(ratio);
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (timePs) => {
        const scaled = BigInt(timePs) * 633n;
        expect(BigInt(clock.cycleUntil(timePs))).toBe(scaled / 1_000_000n);
        expect(BigInt(clock.cycleFrom(timePs))).toBe((scaled + 999_999n) / 1_000_000n);
        const cycle = clock.cycleUntil(timePs);
        expect(BigInt(clock.timeOf(cycle))).toBe((BigInt(cycle) * 1_000_000n + 632n) / 633n);
        expect(clock.timeOf(cycle)).toBeLessThanOrEqual(timePs);
        expect(clock.timeOf(clock.cycleFrom(timePs))).toBeGreaterThanOrEqual(timePs);
      }),
    );
    expect(clock.timeOf(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });
});

/** A machine that acts at given instants, and once more after every `react`. */
class Ticker implements Machine {
  readonly pending: number[];
  readonly log: (text: string) => void;
  onTick: (timePs: number) => boolean = () => false;

  constructor(instants: readonly number[], log: (text: string) => void) {
    this.pending = [...instants].sort((a, b) => a - b);
    this.log = log;
  }

  nextEventPs(): number {
    return this.pending[0] ?? Number.POSITIVE_INFINITY;
  }

  runUntil(timePs: number): void {
    while (this.nextEventPs() <= timePs) {
      const at = this.pending.shift()!;
      this.log(`tick ${at}`);
      if (this.onTick(at)) return;
    }
  }

  add(timePs: number): void {
    this.pending.push(timePs);
    this.pending.sort((a, b) => a - b);
  }
}

describe('agenda', () => {
  test('inner events come in the order of time, whatever the windows', () => {
    const instant = fc.nat(5_000);
    fc.assert(
      fc.property(
        fc.array(instant, { maxLength: 20 }),
        fc.array(instant, { maxLength: 20 }),
        fc.array(instant, { maxLength: 20 }),
        fc.integer({ min: 0, max: 900 }),
        fc.integer({ min: 0, max: 900 }),
        (ticks, frames, timers, inputPs, outputPs) => {
          const scheduler = new Scheduler();
          const log: { atPs: number; text: string }[] = [];
          const machine: Ticker = new Ticker(ticks, (text) => log.push({ atPs: Number(text.slice(5)), text }));
          const agenda: Agenda = new Agenda(
            {
              nowPs: () => scheduler.nowPs(),
              at: (timePs, callback) => scheduler.armTimer(0, timePs, callback),
              cancel: (timer) => scheduler.cancelTimer(timer),
            },
            inputPs,
            outputPs,
            machine,
          );
          // What the machine does may come back 30 ps later, and start it again 7 ps after that.
          machine.onTick = (atPs) => {
            agenda.reach(atPs);
            if (atPs % 3 !== 0) return false;
            agenda.at(atPs + 30, () => {
              log.push({ atPs: agenda.nowPs(), text: 'echo' });
              if (atPs < 4_000) machine.add(agenda.nowPs() + 7);
            });
            return true;
          };
          for (const timePs of timers) {
            agenda.at(timePs, () => {
              expect(agenda.nowPs()).toBe(timePs);
              // Not later than promised: what is done now reaches a port `outputPs` later.
              expect(scheduler.nowPs()).toBeLessThanOrEqual(timePs + outputPs);
              log.push({ atPs: timePs, text: 'timer' });
            });
          }
          for (const timePs of frames) {
            scheduler.armTimer(1, timePs, () => {
              agenda.arrive(inputPs, () => log.push({ atPs: agenda.nowPs(), text: `frame ${timePs}` }));
            });
          }
          agenda.arm();
          scheduler.run(Number.POSITIVE_INFINITY);
          const instants = log.map((entry) => entry.atPs);
          expect(instants).toEqual([...instants].sort((a, b) => a - b));
          expect(log.filter((entry) => entry.text === 'timer')).toHaveLength(timers.length);
          expect(log.filter((entry) => entry.text.startsWith('frame')).map((entry) => entry.atPs)).toEqual(
            [...frames].sort((a, b) => a - b).map((timePs) => timePs + inputPs),
          );
          expect(machine.pending).toEqual([]);
        },
      ),
    );
  });

  test('many steps of the machine cost few events of the node', () => {
    const scheduler = new Scheduler();
    let steps = 0;
    const machine = new Ticker(
      Array.from({ length: 10_000 }, (_, i) => i * 100),
      () => steps++,
    );
    const agenda = new Agenda(
      {
        nowPs: () => scheduler.nowPs(),
        at: (timePs, callback) => scheduler.armTimer(0, timePs, callback),
        cancel: (timer) => scheduler.cancelTimer(timer),
      },
      1_000,
      800,
      machine,
    );
    agenda.arm();
    scheduler.run(Number.POSITIVE_INFINITY);
    expect(steps).toBe(10_000);
    expect(scheduler.executedEvents).toBeLessThan(600);
  });

  test('a cancelled timer does not fire and does not hold time up', () => {
    const scheduler = new Scheduler();
    const agenda = new Agenda(
      {
        nowPs: () => scheduler.nowPs(),
        at: (timePs, callback) => scheduler.armTimer(0, timePs, callback),
        cancel: (timer) => scheduler.cancelTimer(timer),
      },
      10,
      10,
      new Ticker([], () => {}),
    );
    const fired: string[] = [];
    const first = agenda.at(100, () => fired.push('first'));
    agenda.at(200, () => agenda.cancel(third));
    const third = agenda.at(300, () => fired.push('third'));
    agenda.cancel(first);
    agenda.cancel(12_345);
    scheduler.run(Number.POSITIVE_INFINITY);
    expect(fired).toEqual([]);
    expect(scheduler.nowPs()).toBeLessThan(300);
  });
});

test('SHA-256 as the library computes it, at every length around a block', () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 1000]) {
    const octets = Uint8Array.from({ length }, (_, i) => i * 31);
    expect(Buffer.from(sha256(octets)).toString('hex')).toBe(createHash('sha256').update(octets).digest('hex'));
  }
});
