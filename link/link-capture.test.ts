import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DirectionDigest } from './direction-digest.ts';
import { LinkCapture } from './link-capture.ts';

describe('LinkCapture', () => {
  it('merges both directions by time, departures first at a tie, and holds back what the horizon has not passed', () => {
    const written: string[] = [];
    const capture = new LinkCapture({ write: (timePs, frame) => written.push(`${timePs}:${frame[0]}`) });
    const frame = (mark: number) => Uint8Array.of(mark);
    capture.departing.frame(10, frame(1));
    capture.departing.frame(90, frame(2));
    capture.arriving.frame(10, frame(3));
    capture.arriving.frame(40, frame(4));
    capture.writeUntil(40);
    expect(written).toEqual(['10:1', '10:3']);
    capture.arriving.frame(60, frame(5));
    capture.writeUntil(Number.POSITIVE_INFINITY);
    expect(written).toEqual(['10:1', '10:3', '40:4', '60:5', '90:2']);
    expect(capture.waiting).toBe(0);
  });

  it('writes by itself what both directions have passed, in the same order', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ departs: fc.boolean(), gapPs: fc.nat(3) }), { maxLength: 600 }), (frames) => {
        const written: string[] = [];
        const capture = new LinkCapture({ write: (timePs, frame) => written.push(`${timePs}:${frame[0]}`) });
        const expected: { readonly timePs: number; readonly mark: number }[] = [];
        const lastPs = [0, 0];
        for (const { departs, gapPs } of frames) {
          const mark = departs ? 0 : 1;
          const timePs = lastPs[mark]! + 1 + gapPs;
          lastPs[mark] = timePs;
          (departs ? capture.departing : capture.arriving).frame(timePs, Uint8Array.of(mark));
          expected.push({ timePs, mark });
        }
        expected.sort((a, b) => a.timePs - b.timePs || a.mark - b.mark);
        expect(capture.waiting + written.length).toBe(frames.length);
        capture.writeUntil(Number.POSITIVE_INFINITY);
        expect(written).toEqual(expected.map(({ timePs, mark }) => `${timePs}:${mark}`));
      }),
    );
  });

  it('holds few records back while both directions flow', () => {
    let written = 0;
    const capture = new LinkCapture({ write: () => written++ });
    for (let i = 1; i <= 10_000; i++) {
      capture.departing.frame(i * 100, new Uint8Array(1));
      capture.arriving.frame(i * 100 + 50, new Uint8Array(1));
      expect(capture.waiting).toBeLessThan(200);
    }
    expect(written).toBeGreaterThan(19_800);
  });
});

describe('DirectionDigest', () => {
  const digestOf = (frames: readonly [number, Uint8Array][]) => {
    const digest = new DirectionDigest();
    for (const [timePs, frame] of frames) digest.frame(timePs, frame);
    return digest.summary().sha256;
  };

  it('changes with one picosecond, one bit, one length and the order', () => {
    const base: [number, Uint8Array][] = [
      [1_000, Uint8Array.of(1, 2, 3)],
      [2_000, Uint8Array.of(4, 5)],
    ];
    const variants: [number, Uint8Array][][] = [
      [[1_001, base[0]![1]], base[1]!],
      [[1_000, Uint8Array.of(1, 2, 2)], base[1]!],
      [[1_000, Uint8Array.of(1, 2, 3, 0)], base[1]!],
      [base[1]!, base[0]!],
    ];
    const digests = [base, ...variants].map(digestOf);
    expect(new Set(digests).size).toBe(digests.length);
    expect(digestOf(base)).toBe(digests[0]);
  });

  it('does not depend on how frames fall into its buffer', () => {
    const many = Array.from({ length: 3_000 }, (_, i): [number, Uint8Array] => [
      i * 100,
      new Uint8Array(60 + (i % 1_400)).fill(i),
    ]);
    const digest = new DirectionDigest();
    for (const [timePs, frame] of many) {
      digest.frame(timePs, frame);
      if (timePs % 77 === 0) digest.summary();
    }
    expect(digest.summary()).toMatchObject({ frames: 3_000, sha256: digestOf(many) });
  });
});
