import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldSum, internetChecksum, onesComplementSum } from './checksum.ts';

/** RFC 1071 section 4.1 as it stands there: one word after the other, carries folded at each step. */
function slowSum(octets: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i += 2) {
    sum += octets[i]! * 256 + (i + 1 < end ? octets[i + 1]! : 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

describe('Internet checksum', () => {
  it('sums the example of RFC 1071 section 3', () => {
    const octets = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(onesComplementSum(octets, 0, 8)).toBe(0xddf2);
    expect(internetChecksum(octets, 0, 8)).toBe(0x220d);
  });

  it('equals the slow sum for every length around its change of method, and every parity of the start', () => {
    const octets = Uint8Array.from({ length: 400 }, (_, i) => (i * 211 + 17) & 0xff);
    for (let start = 0; start < 5; start++) {
      for (let end = start; end <= 400; end++) {
        expect(onesComplementSum(octets, start, end)).toBe(slowSum(octets, start, end));
      }
    }
  });

  it('equals the slow sum for any octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4_000 }), fc.nat(64), (octets, from) => {
        const start = Math.min(from, octets.length);
        expect(onesComplementSum(octets, start, octets.length)).toBe(slowSum(octets, start, octets.length));
      }),
      { verbose: true },
    );
  });

  it('leaves nothing of a long run in a shorter one that follows', () => {
    const ones = new Uint8Array(2_000).fill(0xff);
    const zeros = new Uint8Array(2_000);
    for (let end = 160; end < 180; end++) {
      onesComplementSum(ones, 0, 2_000);
      expect(onesComplementSum(zeros, 0, end)).toBe(0);
    }
  });

  it('sums runs longer than its arena', () => {
    const octets = Uint8Array.from({ length: 200_001 }, (_, i) => (i * 7) & 0xff);
    expect(onesComplementSum(octets, 0, octets.length)).toBe(slowSum(octets, 0, octets.length));
    expect(onesComplementSum(octets, 3, 3 + 65_537)).toBe(slowSum(octets, 3, 3 + 65_537));
  });

  it('adds a pseudo header before it complements', () => {
    expect(internetChecksum(Uint8Array.of(0xff, 0xff), 0, 2, 0x1_fffe)).toBe(0);
    expect(foldSum(0x1_fffe)).toBe(0xffff);
  });
});
