import { expect, test } from 'vitest';
import { PS_PER_US } from '../../base/units.ts';
import type { LinkFault } from '../../faults/fault.ts';
import { ipFrame, TestNetwork } from './test-network.ts';

/** A gigabit where the link has ten, for frames that leave in a stretch of time. */
const SLOW: LinkFault = {
  name: 'slow',
  link: 'h2',
  from: 'switch.2',
  schedule: { atPs: 0, forPs: 500 * PS_PER_US, everyPs: undefined, untilPs: undefined },
  match: undefined,
  effect: { kind: 'rate', octetPs: 8_000 },
};

/** Two stations send thirty frames of 1,000 octets to a third at line rate, twice; the switch has room for twenty. */
function droppedIn(faults: readonly LinkFault[]): readonly [slow: number, fast: number] {
  const rig = new TestNetwork({ stations: 3, profile: { sharedBufferOctets: 20_000 }, faults });
  rig.sendAt(0, 2, ipFrame(2, 1));
  for (const startPs of [100 * PS_PER_US, 900 * PS_PER_US]) {
    for (let i = 0; i < 30; i++) for (const station of [1, 3]) rig.sendAt(startPs, station, ipFrame(station, 2));
  }
  rig.run();
  const times = rig.events.filter(({ event }) => event.reason === 'shared-buffer-full').map(({ timePs }) => timePs);
  const slow = times.filter((timePs) => timePs < 800 * PS_PER_US).length;
  return [slow, times.length - slow];
}

test('the shared buffer holds frames as long as their port does, at whatever rate it sends', () => {
  const [first, second] = droppedIn([]);
  expect(first).toBe(second);
  const [slow, fast] = droppedIn([SLOW]);
  // Sixty come in 25 us; meanwhile a gigabit takes away 3, ten take away 30.
  expect(slow).toBeGreaterThanOrEqual(36);
  expect(slow).toBeLessThanOrEqual(38);
  expect(fast).toBe(second);
  expect(second).toBeLessThanOrEqual(12);
});
