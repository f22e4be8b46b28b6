import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Scheduler } from '../time/scheduler.ts';
import { Timeouts } from './timeouts.ts';

interface Rig {
  readonly scheduler: Scheduler;
  readonly timeouts: Timeouts;
  readonly waiting: Map<number, number>;
  readonly expired: string[];
}

function rig(onExpiry: (callId: number) => void = () => {}): Rig {
  const scheduler = new Scheduler();
  const waiting = new Map<number, number>();
  const expired: string[] = [];
  const context = {
    nowPs: () => scheduler.nowPs(),
    at: (timePs: number, callback: () => void) => scheduler.armTimer(0, timePs, callback),
    cancel: (timer: number) => scheduler.cancelTimer(timer),
  };
  const timeouts = new Timeouts(
    context,
    (callId, deadlinePs) => waiting.get(callId) === deadlinePs,
    (callId) => {
      waiting.delete(callId);
      expired.push(`${callId}@${scheduler.nowPs()}`);
      onExpiry(callId);
    },
  );
  return { scheduler, timeouts, waiting, expired };
}

test('expires exactly the calls that a timer each would expire, at the same instants and in the same order', () => {
  const calls = fc.array(
    fc.record({ gapPs: fc.nat(20), durationPs: fc.constantFrom(10, 20, 40, 80), answeredAfterPs: fc.nat(120) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(calls, (plan) => {
      const { scheduler, timeouts, waiting, expired } = rig();
      const expected: { readonly callId: number; readonly endPs: number }[] = [];
      let nowPs = 0;
      plan.forEach(({ gapPs, durationPs, answeredAfterPs }, callId) => {
        nowPs += gapPs;
        const startPs = nowPs;
        // On another node, so that an answer at the very instant of the timeout comes after it.
        scheduler.armTimer(0, startPs, () => waiting.set(callId, timeouts.watch(callId, durationPs)));
        scheduler.armTimer(1, startPs + answeredAfterPs, () => waiting.delete(callId));
        if (answeredAfterPs >= durationPs) expected.push({ callId, endPs: startPs + durationPs });
      });
      scheduler.run(Number.POSITIVE_INFINITY);
      expected.sort((a, b) => a.endPs - b.endPs || a.callId - b.callId);
      expect(expired).toEqual(expected.map(({ callId, endPs }) => `${callId}@${endPs}`));
    }),
  );
});

test('watches a call again from within its own expiry', () => {
  const again: Rig = rig((callId) => {
    if (again.expired.length < 3) again.waiting.set(callId, again.timeouts.watch(callId, 10));
  });
  again.waiting.set(7, again.timeouts.watch(7, 10));
  again.scheduler.run(Number.POSITIVE_INFINITY);
  expect(again.expired).toEqual(['7@10', '7@20', '7@30']);
});

test('a shorter wait that begins later expires first', () => {
  const { scheduler, timeouts, waiting, expired } = rig();
  waiting.set(1, timeouts.watch(1, 100));
  waiting.set(2, timeouts.watch(2, 10));
  scheduler.run(Number.POSITIVE_INFINITY);
  expect(expired).toEqual(['2@10', '1@100']);
});

test('leaves no timer behind when it is cleared', () => {
  const { scheduler, timeouts } = rig();
  for (let callId = 0; callId < 200; callId++) timeouts.watch(callId, 10 + (callId % 3));
  timeouts.clear();
  expect(scheduler.pendingEvents).toBe(0);
  expect(scheduler.run(Number.POSITIVE_INFINITY)).toBe(0);
});
