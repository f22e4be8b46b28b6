import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
