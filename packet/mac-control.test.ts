import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildPriorityPause, isMacControl, parsePriorityPause } from './mac-control.ts';

describe('a PFC frame', () => {
  it('is read as it was written', () => {
    const times = fc.array(fc.option(fc.nat(0xffff), { nil: undefined }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(times, fc.nat(2 ** 31), (quanta, srcMac) => {
        const frame = buildPriorityPause(srcMac, quanta);
        expect(isMacControl(frame)).toBe(true);
        expect(parsePriorityPause(frame)).toEqual({ ok: true, value: { srcMac, quanta } });
      }),
    );
  });

  it('has the octets of annex 31D', () => {
    const frame = buildPriorityPause(0x02_00_00_00_00_01, [undefined, 0, undefined, 0x1234]);
    const head = [0x01, 0x80, 0xc2, 0, 0, 1, 2, 0, 0, 0, 0, 1, 0x88, 0x08, 0x01, 0x01, 0, 0x0a, 0, 0, 0, 0, 0, 0];
    expect([...frame.subarray(0, 26)]).toEqual([...head, 0x12, 0x34]);
    expect(frame).toHaveLength(60);
  });

  it('is no PAUSE of 802.3x, and no stub', () => {
    const frame = buildPriorityPause(1, [1]);
    frame[14] = 0;
    expect(parsePriorityPause(frame)).toMatchObject({ ok: false, error: { code: 'mac-control-opcode' } });
    expect(parsePriorityPause(frame.subarray(0, 33))).toMatchObject({ error: { code: 'mac-control-truncated' } });
  });
});
