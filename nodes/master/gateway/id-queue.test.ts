import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdQueue } from './id-queue.ts';

test('agrees with an array under any order of pushing and shifting', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat({ max: 0xffff_ffff }), { freq: 2 }), { maxLength: 300 }), (steps) => {
      const queue = new IdQueue(2);
      const plain: number[] = [];
      for (const step of steps) {
        if (step !== null) {
          queue.push(step);
          plain.push(step);
        } else if (plain.length > 0) {
          expect(queue.peek()).toBe(plain[0]);
          expect(queue.shift()).toBe(plain.shift());
        }
        expect(queue.length).toBe(plain.length);
      }
    }),
  );
});
