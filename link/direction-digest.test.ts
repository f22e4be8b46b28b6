import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DirectionDigest } from './direction-digest.ts';

type Departure = readonly [firstBitPs: number, frame: Uint8Array];

const digestOf = (frames: readonly Departure[]) => {
  const digest = new DirectionDigest();
  for (const [timePs, frame] of frames) digest.frame(timePs, frame);
  return digest.summary().poly1305;
};

describe('DirectionDigest', () => {
  it('changes with one picosecond, one bit, one length and the order', () => {
    const base: [Departure, Departure] = [
      [1_000, Uint8Array.of(1, 2, 3)],
      [2_000, Uint8Array.of(4, 5)],
    ];
    const variants: Departure[][] = [
      [[1_001, base[0][1]], base[1]],
      [[1_000, Uint8Array.of(1, 2, 2)], base[1]],
      [[1_000, Uint8Array.of(1, 2, 3, 0)], base[1]],
      [base[1], base[0]],
    ];
    const digests = [base, ...variants].map(digestOf);
    expect(new Set(digests).size).toBe(digests.length);
    expect(digestOf(base)).toBe(digests[0]);
  });

  it('is the tag of RFC 8439 over all records at once, however they fall into its buffer', () => {
    const many = Array.from(
      { length: 3_000 },
      (_, i): Departure => [i * 100, new Uint8Array(60 + ((i * 7) % 9_174)).fill(i)],
    );
    const records = many.map(([firstBitPs, frame]) => {
      const record = Buffer.alloc(12 + frame.length);
      record.writeDoubleBE(firstBitPs);
      record.writeUInt32BE(frame.length, 8);
      record.set(frame, 12);
      return record;
    });
    const cipher = createCipheriv('chacha20-poly1305', Buffer.alloc(32), Buffer.alloc(12), { authTagLength: 16 });
    cipher.setAAD(Buffer.concat(records), { plaintextLength: 0 });
    cipher.final();
    expect(digestOf(many)).toBe(cipher.getAuthTag().toString('hex'));
  });

  it('is given once all frames were seen, and refuses those that follow', () => {
    const digest = new DirectionDigest();
    digest.frame(1, new Uint8Array(60));
    expect(digest.summary()).toEqual(digest.summary());
    digest.frame(2, new Uint8Array(60));
    expect(() => digest.summary()).toThrow('a frame came after the fingerprint was taken');
  });
});
