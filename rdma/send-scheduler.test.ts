import { describe, expect, it } from 'vitest';
import { Scheduler } from '../time/scheduler.ts';
import { SendScheduler } from './send-scheduler.ts';

const FRAME_OCTETS = 1_000;
const FRAME_PS = 1_024 * 800;

/** Senders `a`, `b`, ... with as many frames as given; what left, and when. */
function run(octetPs: number | undefined, backlogOctets: number, frames: Record<string, number>) {
  const clock = new Scheduler();
  const left: { readonly name: string; readonly timePs: number }[] = [];
  const scheduler = new SendScheduler(
    { nowPs: () => clock.nowPs(), at: (timePs, callback) => clock.armTimer(0, timePs, callback) },
    octetPs,
    backlogOctets,
  );
  for (const [name, count] of Object.entries(frames)) {
    let remaining = count;
    const sender = {
      canSend: () => remaining > 0,
      transmitNext: () => {
        remaining--;
        left.push({ name, timePs: clock.nowPs() });
        scheduler.account(FRAME_OCTETS);
      },
    };
    scheduler.offer(sender);
    scheduler.offer(sender);
  }
  clock.run(Number.POSITIVE_INFINITY);
  return { order: left.map(({ name }) => name).join(''), times: left.map(({ timePs }) => timePs) };
}

describe('SendScheduler', () => {
  it('without a pace lets everything go at once', () => {
    const { order, times } = run(undefined, 0, { a: 3, b: 2 });
    expect(order).toBe('aaabb');
    expect(times).toEqual([0, 0, 0, 0, 0]);
  });

  it('lets the senders take turns', () => {
    // The first frame goes before b and c come.
    expect(run(800, 0, { a: 4, b: 2, c: 3 }).order).toBe('aabcabcac');
  });

  it('is never ahead of the wire by more than the backlog and one frame, and never behind it', () => {
    const backlogOctets = 3_000;
    const { times } = run(800, backlogOctets, { a: 40 });
    times.forEach((timePs, i) => {
      // When the i-th frame goes, the wire has been given i frames since time zero.
      const aheadPs = i * FRAME_PS - timePs;
      expect(aheadPs).toBeGreaterThanOrEqual(0);
      expect(aheadPs).toBeLessThanOrEqual(backlogOctets * 800);
    });
    // A timer serves several frames.
    expect(new Set(times).size).toBeLessThan(30);
  });
});
