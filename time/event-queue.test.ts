import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NEVER_PS } from '../base/units.ts';
import { EventQueue } from './event-queue.ts';

interface Reference {
  readonly timePs: number;
  readonly orderKey: number;
  readonly insertion: number;
  readonly slot: number;
}

/** Order keys of the reserved slots: before, among and behind those of other events. */
const RESERVED_KEYS = [-1, 1.5, 4];

function inOrder(events: readonly Reference[]): Reference[] {
  return [...events].sort((a, b) => a.timePs - b.timePs || a.orderKey - b.orderKey || a.insertion - b.insertion);
}

describe('EventQueue', () => {
  it('hands out events by time, order key and insertion, whatever is removed in between', () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ timePs: fc.integer({ min: 0, max: 20 }), orderKey: fc.integer({ min: 0, max: 3 }) }),
      },
      { weight: 2, arbitrary: fc.constant('pop' as const) },
      { weight: 2, arbitrary: fc.record({ timePs: fc.integer({ min: 0, max: 20 }), reserved: fc.nat(2) }) },
      { weight: 2, arbitrary: fc.record({ remove: fc.nat() }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 3_000 }), (steps) => {
        const queue = new EventQueue();
        let pending: Reference[] = [];
        let insertion = 0;
        const reserved = RESERVED_KEYS.map((orderKey) => queue.reserve(orderKey));
        for (const action of steps) {
          if (action === 'pop') {
            const first = inOrder(pending)[0];
            expect(queue.earliestPs()).toBe(first?.timePs ?? NEVER_PS);
            if (first === undefined) continue;
            expect(queue.pop()).toBe(first.slot);
            pending = pending.filter((event) => event !== first);
          } else if ('remove' in action) {
            const victim = pending[action.remove % Math.max(1, pending.length)];
            if (victim === undefined) continue;
            queue.remove(victim.slot);
            pending = pending.filter((event) => event !== victim);
          } else if ('reserved' in action) {
            const slot = reserved[action.reserved] as number;
            if (pending.some((event) => event.slot === slot)) continue;
            queue.insertReserved(slot, action.timePs);
            const orderKey = RESERVED_KEYS[action.reserved] as number;
            pending.push({ timePs: action.timePs, orderKey, insertion: insertion++, slot });
          } else {
            const slot = queue.insert(action.timePs, action.orderKey);
            pending.push({ ...action, insertion: insertion++, slot });
          }
        }
        expect(queue.size).toBe(pending.length);
        expect(inOrder(pending).map(() => queue.pop())).toEqual(inOrder(pending).map((event) => event.slot));
        expect(queue.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('grows beyond its first capacity and keeps the order', () => {
    const queue = new EventQueue();
    const times = Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 5_003);
    const slots = new Map(times.map((timePs) => [queue.insert(timePs, 0), timePs]));
    const popped = times.map(() => slots.get(queue.pop()));
    expect(popped).toEqual([...times].sort((a, b) => a - b));
  });
});
