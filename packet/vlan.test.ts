import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTagged, priorityCodePointOf, vlanIdOf, withoutTag, withTag } from './vlan.ts';

const untagged = fc.uint8Array({ minLength: 60, maxLength: 200 }).map((octets) => {
  octets[12] = 8;
  return octets;
});
const tag = { vlanId: fc.integer({ min: 0, max: 4095 }), priority: fc.integer({ min: 0, max: 7 }) };

describe('a VLAN tag', () => {
  it('goes in and comes out again', () => {
    fc.assert(
      fc.property(untagged, tag.vlanId, tag.priority, (frame, vlanId, priority) => {
        const tagged = withTag(frame, vlanId, priority);
        expect(isTagged(frame)).toBe(false);
        expect([isTagged(tagged), vlanIdOf(tagged), priorityCodePointOf(tagged)]).toEqual([true, vlanId, priority]);
        expect(withoutTag(tagged)).toEqual(frame);
      }),
    );
  });

  it('is replaced by another one, which keeps the drop eligible bit', () => {
    const tagged = withTag(new Uint8Array(60).fill(7), 10, 3);
    tagged[14] = tagged[14]! | 0x10;
    const other = withTag(tagged, 4_000, 6);
    expect([...other.subarray(12, 18)]).toEqual([0x81, 0, (6 << 5) | 0x10 | 0xf, 0xa0, 7, 7]);
    expect(other).toHaveLength(64);
  });

  it('leaves a frame of the least length behind', () => {
    const plain = withoutTag(withTag(new Uint8Array(60), 5, 0).subarray(0, 60));
    expect(plain).toHaveLength(60);
  });
});
