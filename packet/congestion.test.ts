import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONGESTION_EXPERIENCED, congestionOf, ECT_0, markCongestion, NOT_ECT } from './congestion.ts';
import { between, CLIENT, ROCE_PACKETS, WORKER } from './example-frames.ts';
import { parseIpv4 } from './ipv4.ts';
import { priorityFunction } from './priority-map.ts';
import { buildRoceFrame, parseRoce } from './roce.ts';
import { PORT_ROCE } from './udp.ts';
import { buildUdpFrame, parseUdpFrame } from './udp-frame.ts';
import { withTag } from './vlan.ts';

const udp = (tos: number, payloadOctets: number, identification = 0) =>
  buildUdpFrame({ ...between(CLIENT, WORKER, 1, 2), tos, identification, payload: new Uint8Array(payloadOctets) });

describe('a mark of congestion', () => {
  it('changes the two bits and keeps the checksum right', () => {
    fc.assert(
      fc.property(fc.nat(63), fc.nat(1_400), fc.nat(0xffff), fc.boolean(), (dscp, octets, identification, tagged) => {
        const plain = udp((dscp << 2) | ECT_0, octets, identification);
        const frame = tagged ? withTag(plain, 7, 3) : plain;
        const marked = markCongestion(frame);
        expect([congestionOf(frame), congestionOf(marked)]).toEqual([ECT_0, CONGESTION_EXPERIENCED]);
        const header = parseIpv4(marked, tagged ? 18 : 14, marked.length);
        expect(header).toMatchObject({ ok: true, value: { tos: (dscp << 2) | 3 } });
        expect(congestionOf(frame)).toBe(ECT_0);
      }),
    );
  });

  it('leaves the invariant CRC of RoCEv2 valid', () => {
    const frame = buildRoceFrame({ ...between(CLIENT, WORKER, 50_000, PORT_ROCE), tos: ECT_0 }, ROCE_PACKETS[0]!);
    const parsed = parseUdpFrame(markCongestion(frame));
    if (!parsed.ok) throw new Error(parsed.error.message);
    expect(parsed.value.tos).toBe(CONGESTION_EXPERIENCED);
    expect(parseRoce(parsed.value).ok).toBe(true);
  });

  it('is not for what is not IPv4', () => {
    expect(congestionOf(new Uint8Array(60).fill(0xff))).toBe(NOT_ECT);
  });
});

describe('the priority of a frame', () => {
  const priorityOf = priorityFunction({ pcp: [7, 6, 5, 4, 3, 2, 1, 0], dscp: { 26: 3, 0: 2 }, otherwise: 1 });

  it('comes from the tag, then from the DSCP if that says one, then from the port', () => {
    expect(priorityOf(withTag(udp(26 << 2, 10), 1, 5))).toBe(2);
    expect(priorityOf(udp((26 << 2) | 3, 10))).toBe(3);
    expect(priorityOf(udp(1, 10))).toBe(2);
    expect(priorityOf(udp(46 << 2, 10))).toBe(1);
    expect(priorityOf(new Uint8Array(60))).toBe(1);
  });
});
