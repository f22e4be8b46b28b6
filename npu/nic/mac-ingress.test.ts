import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MacIngress } from './mac-ingress.ts';

const mac = { ingressPs: 1, egressPs: 1 };

test('54.4 M frames/s are 54.4 M, although one of them takes no whole number of picoseconds', () => {
  const ingress = new MacIngress({ ...mac, ingressFramesPerSecond: 54_400_000 });
  let last = 0;
  for (let i = 0; i < 544_001; i++) last = ingress.admit(0)!;
  expect(last).toBe(1e10);
});

test('no frame is taken in before it is there, two are never closer than the limit, and none waits without need', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40_000), { maxLength: 60 }), fc.integer({ min: 2e7, max: 9e9 }), (gaps, rate) => {
      const ingress = new MacIngress({ ...mac, ingressFramesPerSecond: rate });
      const gapPs = 1e12 / rate;
      let nowPs = 0;
      let idealPs = 0;
      for (const gap of gaps) {
        nowPs += gap;
        // The exact instant, as a fraction; what is taken in is the first whole picosecond from it on.
        idealPs = Math.max(nowPs, idealPs);
        const takenPs = ingress.admit(nowPs)!;
        expect(takenPs).toBeGreaterThanOrEqual(nowPs);
        expect(takenPs - idealPs).toBeGreaterThan(-1e-3);
        expect(takenPs - idealPs).toBeLessThanOrEqual(1 + 1e-3);
        idealPs += gapPs;
      }
    }),
  );
});

test('what finds no room is lost and counted; without a limit nothing waits', () => {
  const ingress = new MacIngress({ ...mac, ingressFramesPerSecond: 1_000_000, ingressQueueFrames: 3 });
  expect([0, 0, 0, 0, 0].map((nowPs) => ingress.admit(nowPs))).toEqual([0, 1e6, 2e6, undefined, undefined]);
  expect(ingress.dropped).toBe(2);
  expect(ingress.admit(1e6)).toBe(3e6);
  const open = new MacIngress(mac);
  expect([5, 5, 5].map((nowPs) => open.admit(nowPs))).toEqual([5, 5, 5]);
});
