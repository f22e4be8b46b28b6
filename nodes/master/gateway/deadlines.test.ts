import { expect, test } from 'vitest';
import { Scheduler } from '../../../time/scheduler.ts';
import { Deadlines } from './deadlines.ts';

function watched(attempts = 3) {
  const scheduler = new Scheduler();
  const open = new Map<number, { attempt: number; deadlinePs: number }>();
  const expired: [requestId: number, timePs: number][] = [];
  const context = {
    nowPs: () => scheduler.nowPs(),
    at: (timePs: number, callback: () => void) => scheduler.armTimer(0, timePs, callback),
    cancel: (timer: number) => scheduler.cancelTimer(timer),
  };
  let onExpire = (_requestId: number): void => {};
  const deadlines = new Deadlines(
    context,
    attempts,
    (requestId, attempt) => {
      const entry = open.get(requestId);
      return entry?.attempt === attempt ? entry.deadlinePs : undefined;
    },
    (requestId) => {
      expired.push([requestId, scheduler.nowPs()]);
      onExpire(requestId);
    },
  );
  const watch = (requestId: number, attempt: number, deadlinePs: number): void => {
    open.set(requestId, { attempt, deadlinePs });
    deadlines.watch(requestId, attempt, deadlinePs);
  };
  return {
    scheduler,
    open,
    expired,
    deadlines,
    watch,
    whenExpired: (callback: (requestId: number) => void) => {
      onExpire = callback;
    },
  };
}

test('each request expires at its own instant, whichever attempt it is in', () => {
  const { watch, scheduler, expired } = watched();
  watch(1, 2, 900);
  watch(2, 0, 100);
  watch(3, 1, 250);
  watch(4, 0, 110);
  watch(5, 1, 400);
  scheduler.run(Number.POSITIVE_INFINITY);
  expect(expired).toEqual([
    [2, 100],
    [4, 110],
    [3, 250],
    [5, 400],
    [1, 900],
  ]);
});

test('an answered request is passed over, and one timer waits for all', () => {
  const { watch, scheduler, expired, open } = watched();
  for (let id = 1; id <= 100; id++) watch(id, 0, 1000 + id);
  expect(scheduler.pendingEvents).toBe(1);
  for (let id = 1; id < 100; id++) open.delete(id);
  scheduler.run(Number.POSITIVE_INFINITY);
  expect(expired).toEqual([[100, 1100]]);
});

test('a next attempt that is watched while one expires comes in its turn', () => {
  const { watch, scheduler, expired, whenExpired } = watched();
  whenExpired((requestId) => {
    if (requestId === 1 && expired.length === 1) watch(1, 1, scheduler.nowPs() + 200);
  });
  watch(1, 0, 100);
  watch(2, 0, 150);
  watch(3, 0, 500);
  scheduler.run(Number.POSITIVE_INFINITY);
  expect(expired).toEqual([
    [1, 100],
    [2, 150],
    [1, 300],
    [3, 500],
  ]);
});

test('after clearing nothing is pending and nothing expires', () => {
  const { watch, scheduler, expired, deadlines, open } = watched();
  watch(1, 0, 100);
  open.clear();
  deadlines.clear();
  expect(scheduler.pendingEvents).toBe(0);
  watch(2, 0, 300);
  scheduler.run(Number.POSITIVE_INFINITY);
  expect(expired).toEqual([[2, 300]]);
});
