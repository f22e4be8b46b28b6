import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildLldpFrame, parseLldpFrame } from './lldp.ts';

const EXAMPLE = {
  chassisMac: 0x024c_4e00_0000,
  portName: 'switch.1',
  timeToLiveSeconds: 121,
  portDescription: 'm1.eth0--switch.1',
  systemName: 'switch',
};

describe('an LLDP frame', () => {
  it('is read as it was written', () => {
    expect(parseLldpFrame(buildLldpFrame(1, EXAMPLE))).toEqual({ ok: true, value: EXAMPLE });
  });

  it('has its mandatory TLVs first and in order, and ends', () => {
    const frame = buildLldpFrame(0x024c_4e00_0001, EXAMPLE);
    expect([...frame.subarray(12, 23)]).toEqual([0x88, 0xcc, 0x02, 7, 4, 2, 0x4c, 0x4e, 0, 0, 0]);
    expect([...frame.subarray(23, 26)]).toEqual([0x04, 9, 5]);
    expect([...frame.subarray(34, 38)]).toEqual([0x06, 2, 0, 121]);
  });

  it('is refused when it is cut, lacks a TLV or is anything', () => {
    const frame = buildLldpFrame(1, EXAMPLE);
    expect(parseLldpFrame(frame.subarray(0, 30))).toMatchObject({ ok: false, error: { code: 'lldp-truncated' } });
    expect(parseLldpFrame(new Uint8Array(60))).toMatchObject({ ok: false, error: { code: 'lldp-mandatory' } });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => void parseLldpFrame(octets)));
  });
});
