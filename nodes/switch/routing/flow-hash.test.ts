import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../base/random.ts';
import { buildUdpFrame } from '../../../packet/udp-frame.ts';
import { flowHash, wayOf } from './flow-hash.ts';

const FLOWS = 100_000;

/** RoCEv2 from one client to one worker: only the source port differs, as from queue pair to queue pair. */
function roce(srcPort: number): Uint8Array {
  const ends = { dstMac: 2, srcMac: 1, srcAddress: 0x0a010001, dstAddress: 0x0a020001 };
  return buildUdpFrame({ ...ends, srcPort, dstPort: 4791, payload: new Uint8Array(20), zeroChecksum: true });
}

function randomFlows(seed: number): Uint8Array[] {
  const random = randomStream(seed, 'flows');
  return Array.from({ length: FLOWS }, () => {
    const addresses = { srcAddress: 0x0a000000 + random.below(65_536), dstAddress: 0x0a100000 + random.below(65_536) };
    const ports = { srcPort: random.below(65_536), dstPort: random.below(65_536) };
    return buildUdpFrame({ dstMac: 2, srcMac: 1, ...addresses, ...ports, payload: new Uint8Array(4) });
  });
}

/** Pearson's statistic of a split that should be even. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function spread(frames: readonly Uint8Array[], seed: number, ways: number): number[] {
  const counts = new Array<number>(ways).fill(0);
  for (const frame of frames) counts[wayOf(flowHash(frame, seed), ways)]!++;
  return counts;
}

/** Exceeded once in a million by chance, for 1, 2, 3, 7 and 15 degrees of freedom. */
const LIMITS = new Map([
  [2, 23.9],
  [3, 27.6],
  [4, 30.7],
  [8, 40.5],
  [16, 56.5],
]);

describe('the flow hash', () => {
  const flows = randomFlows(1);

  test.each([...LIMITS])('spreads 100,000 flows over %i ways evenly', (ways, limit) => {
    for (const seed of [0, 1, 0xdead_beef]) expect(chiSquare(spread(flows, seed, ways))).toBeLessThan(limit);
  });

  test('spreads queue pairs that differ in the source port alone', () => {
    const pairs = Array.from({ length: 16_384 }, (_, pair) => roce(0xc000 + pair));
    for (const [ways, limit] of LIMITS) expect(chiSquare(spread(pairs, 7, ways))).toBeLessThan(limit);
  });

  test('is the same for all packets of a flow, and another one with another seed', () => {
    const long = buildUdpFrame({
      ...{ dstMac: 9, srcMac: 8, srcAddress: 0x0a010001, dstAddress: 0x0a020001 },
      ...{ srcPort: 50_000, dstPort: 4791, ttl: 3, tos: 3, payload: new Uint8Array(1000).fill(1) },
    });
    expect(flowHash(long, 5)).toBe(flowHash(roce(50_000), 5));
    expect(flowHash(long, 6)).not.toBe(flowHash(long, 5));
  });

  test('equal seeds polarise: behind a router that split in two, the next one does not split again', () => {
    const first = flows.filter((frame) => wayOf(flowHash(frame, 3), 2) === 0);
    expect(spread(first, 3, 2)).toEqual([first.length, 0]);
    expect(chiSquare(spread(first, 4, 2))).toBeLessThan(23.9);
  });

  test('leaves the ports of fragments out: the later ones have none', () => {
    const fragment = (ports: number) => {
      const frame = roce(ports);
      frame[20] = 0x20; // More fragments.
      return frame;
    };
    expect(flowHash(fragment(1), 1)).toBe(flowHash(fragment(2), 1));
  });

  test('a packet that ends before its ports does not read beyond the frame', () => {
    expect(() => flowHash(roce(1).subarray(0, 36), 1)).not.toThrow();
  });
});
