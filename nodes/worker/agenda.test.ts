import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../time/scheduler.ts';
import { Agenda, type Machine, type WorkerDelays } from './agenda.ts';
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

/** A machine that acts at given instants; it stops when `onTick` says that something may come back. */
class Ticker implements Machine {
  readonly pending: number[];
  onTick: (timePs: number) => boolean = () => false;

  constructor(instants: readonly number[]) {
    this.pending = [...instants].sort((a, b) => a - b);
  }

  nextEventPs(): number {
    return this.pending[0] ?? Number.POSITIVE_INFINITY;
  }

  runUntil(timePs: number): void {
    while (this.nextEventPs() <= timePs) {
      if (this.onTick(this.pending.shift()!)) return;
    }
  }

  add(timePs: number): void {
    this.pending.push(timePs);
    this.pending.sort((a, b) => a - b);
  }
}

const QUIET: WorkerDelays = {
  portToNicPs: 1_000,
  portToHostPs: 250,
  nicToHostPs: 250,
  hostToNicPs: 250,
  nicToPortPs: 800,
  hostToPortPs: 250,
  hostReactionPs: 1_000,
};

function setUp(delays: WorkerDelays, ...machines: Machine[]) {
  const scheduler = new Scheduler();
  const agenda = new Agenda(
    {
      nowPs: () => scheduler.nowPs(),
      at: (timePs, callback) => scheduler.armTimer(0, timePs, callback),
      cancel: (timer) => scheduler.cancelTimer(timer),
    },
    delays,
  );
  return { scheduler, agenda, nics: machines.map((machine) => agenda.addNic(machine)) };
}

type LaneName = 'host' | 'nic 0' | 'nic 1';

/**
 * A little worker with two NICs: frames make a NIC's machine tick, some ticks reach the host, which answers the other NIC
 * after its reaction; frames for the host do so too. What happens must not depend on the stretches, that is on the
 * delays' slack.
 */
function play(delays: WorkerDelays, slack: WorkerDelays, frames: readonly number[], hostFrames: readonly number[]) {
  const machines = [new Ticker([]), new Ticker([])];
  const { scheduler, agenda, nics } = setUp(slack, ...machines);
  const { host } = agenda;
  const log: { readonly lane: LaneName; readonly atPs: number; readonly what: string }[] = [];
  const note = (nic: number | undefined, what: string) => {
    const atPs = (nic === undefined ? host : nics[nic]!).nowPs();
    // Done in time: what is done now can still reach a port at the earliest instant.
    const toPortPs = nic === undefined ? delays.hostToPortPs : delays.nicToPortPs;
    if (nic !== undefined || what.endsWith('done')) expect(scheduler.nowPs()).toBeLessThanOrEqual(atPs + toPortPs);
    log.push({ lane: nic === undefined ? 'host' : nic === 0 ? 'nic 0' : 'nic 1', atPs, what });
  };
  const hostWork = (what: string, to: number) => {
    note(undefined, what);
    host.at(host.nowPs() + delays.hostReactionPs, () => {
      note(undefined, `${what}, done`);
      nics[to]!.arriveAt(host.nowPs() + delays.hostToNicPs, () => {
        note(to, `${what}, back`);
        if (machines[to]!.pending.length < 50) machines[to]!.add(nics[to]!.nowPs() + 7);
      });
    });
  };
  for (const [index, machine] of machines.entries()) {
    machine.onTick = (timePs) => {
      nics[index]!.reach(timePs);
      note(index, 'tick');
      if (timePs % 3 !== 0 || log.length > 400) return false;
      host.arriveAt(timePs + delays.nicToHostPs, () => hostWork(`from ${timePs}`, 1 - index));
      return true;
    };
  }
  for (const [i, timePs] of frames.entries()) {
    const nic = nics[i % 2]!;
    scheduler.armTimer(1, timePs, () =>
      nic.arriveAt(timePs + delays.portToNicPs, () => {
        note(i % 2, `frame ${i}`);
        machines[i % 2]!.add(nic.nowPs() + 1 + (i % 5));
        machines[i % 2]!.add(nic.nowPs() + 300 + i);
      }),
    );
  }
  for (const [i, timePs] of hostFrames.entries()) {
    scheduler.armTimer(1, timePs, () =>
      host.arriveAt(timePs + delays.portToHostPs, () => hostWork(`host frame ${i}`, i % 2)),
    );
  }
  scheduler.run(Number.POSITIVE_INFINITY);
  for (const machine of machines) expect(machine.pending).toEqual([]);
  const ofLane = (lane: LaneName) => log.filter((entry) => entry.lane === lane);
  return { nics: [ofLane('nic 0'), ofLane('nic 1')], host: ofLane('host'), events: scheduler.executedEvents };
}

describe('agenda', () => {
  test('each lane goes in the order of time, the same whatever the stretches', () => {
    const delayPs = fc.integer({ min: 1, max: 900 });
    const arbitraryDelays = fc.record({
      portToNicPs: delayPs,
      portToHostPs: delayPs,
      nicToHostPs: delayPs,
      hostToNicPs: delayPs,
      nicToPortPs: delayPs,
      hostToPortPs: delayPs,
      hostReactionPs: fc.nat(900),
    });
    const instants = fc.array(fc.nat(5_000), { maxLength: 15 });
    // Picosecond stretches: the agenda that does everything at its own instant.
    const none: WorkerDelays = {
      portToNicPs: 1,
      portToHostPs: 1,
      nicToHostPs: 1,
      hostToNicPs: 1,
      nicToPortPs: 1,
      hostToPortPs: 1,
      hostReactionPs: 0,
    };
    fc.assert(
      fc.property(arbitraryDelays, instants, instants, (delays, frames, hostFrames) => {
        const wide = play(delays, delays, frames, hostFrames);
        const narrow = play(delays, none, frames, hostFrames);
        // Two things of one instant may change places; nothing else.
        const sorted = (entries: typeof wide.host) =>
          entries.map(({ atPs, what }) => `${String(atPs).padStart(9)} ${what}`).sort();
        for (const lane of [...wide.nics, wide.host]) {
          const times = lane.map((entry) => entry.atPs);
          expect(times).toEqual([...times].sort((a, b) => a - b));
        }
        fc.pre(wide.nics.flat().length + wide.host.length < 400);
        expect(wide.nics.map(sorted)).toEqual(narrow.nics.map(sorted));
        expect(sorted(wide.host)).toEqual(sorted(narrow.host));
      }),
    );
  });

  test('many steps of the machine cost few events of the node', () => {
    let steps = 0;
    const machine = new Ticker(Array.from({ length: 10_000 }, (_, i) => 1_000 + i * 100));
    machine.onTick = () => ++steps < 0;
    const { scheduler, nics } = setUp(QUIET, machine);
    nics[0]!.at(500, () => {});
    scheduler.run(Number.POSITIVE_INFINITY);
    expect(steps).toBe(10_000);
    // Stretches of portToNic + nicToPort: 18 steps each.
    expect(scheduler.executedEvents).toBeLessThan(10_000 / 17);
  });

  test('a cancelled timer does not fire and does not hold time up', () => {
    const { scheduler, nics } = setUp(QUIET, new Ticker([]));
    const fired: string[] = [];
    const first = nics[0]!.at(100, () => fired.push('first'));
    nics[0]!.at(200, () => nics[0]!.cancel(third));
    const third = nics[0]!.at(300_000, () => fired.push('third'));
    nics[0]!.cancel(first);
    nics[0]!.cancel(12_345);
    scheduler.run(Number.POSITIVE_INFINITY);
    expect(fired).toEqual([]);
    expect(scheduler.nowPs()).toBeLessThan(300_000);
  });

  test('a delay of nothing is refused: time could not go on', () => {
    expect(() => setUp({ ...QUIET, hostToNicPs: 0 }, new Ticker([]))).toThrow(/hostToNicPs/);
  });
});

test('SHA-256 as the library computes it, at every length around a block', () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 1000]) {
    const octets = Uint8Array.from({ length }, (_, i) => i * 31);
    expect(Buffer.from(sha256(octets)).toString('hex')).toBe(createHash('sha256').update(octets).digest('hex'));
  }
});
