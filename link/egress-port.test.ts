import { describe, expect, it } from 'vitest';
import { EgressPort } from './egress-port.ts';
import { occupancyPs, octetPsOf, receptionPs } from './ethernet-timing.ts';

interface Sent {
  readonly firstBitPs: number;
  readonly octets: number;
}

function portInto(sent: Sent[], queueOctets = 10_000): EgressPort {
  const options = { name: 'a.0', octetPs: 800, delayPs: 5_000, queueOctets };
  return new EgressPort(options, { push: (firstBitPs, frame) => sent.push({ firstBitPs, octets: frame.length }) }, []);
}

describe('Ethernet timing', () => {
  it('is that of 10GBASE: 67.2 ns for the smallest frame, 14.88 million of them a second', () => {
    expect(octetPsOf(10e9)).toBe(800);
    expect(occupancyPs(60, 800)).toBe(67_200);
    expect(1e12 / occupancyPs(60, 800)).toBeCloseTo(14_880_952, 0);
    expect(receptionPs(1_514, 800)).toBe((8 + 1_518) * 800);
    expect(octetPsOf(1e9)).toBe(8_000);
    expect(octetPsOf(100e9)).toBe(80);
  });
});

describe('EgressPort', () => {
  it('serialises back to back and adds the delay of the link', () => {
    const sent: Sent[] = [];
    const port = portInto(sent);
    port.send(1_000, new Uint8Array(60), 1_000);
    port.send(1_000, new Uint8Array(1_514), 1_000);
    port.send(1_000, new Uint8Array(60), 1_000);
    expect(sent.map((frame) => frame.firstBitPs)).toEqual([6_000, 73_200, 73_200 + (1_518 + 20) * 800]);
  });

  it('does not start before it is told to, and is idle in between', () => {
    const sent: Sent[] = [];
    const port = portInto(sent);
    port.send(0, new Uint8Array(60), 500_000);
    expect(sent[0]!.firstBitPs).toBe(505_000);
    expect(port.idleFromPs).toBe(567_200);
  });

  it('drops what exceeds the bound and takes frames again when earlier ones are out', () => {
    const sent: Sent[] = [];
    const port = portInto(sent, 250);
    expect([1, 2, 3].map(() => port.send(0, new Uint8Array(100), 0))).toEqual([true, true, false]);
    expect(port.counters()).toMatchObject({
      framesSent: 2,
      framesDropped: 1,
      octetsDropped: 100,
      maximumQueueOctets: 200,
    });
    // The first frame ends after (104 + 20) octets.
    expect(port.send(99_199, new Uint8Array(100), 99_199)).toBe(false);
    expect(port.send(99_200, new Uint8Array(100), 99_200)).toBe(true);
    expect(sent).toHaveLength(3);
  });

  it('keeps its account over thousands of waiting frames', () => {
    const sent: Sent[] = [];
    const port = portInto(sent, 1 << 20);
    for (let i = 0; i < 10_000; i++) port.send(0, new Uint8Array(60 + (i % 40)), 0);
    expect(port.send(port.idleFromPs, new Uint8Array(60), port.idleFromPs)).toBe(true);
    expect(port.counters().maximumQueueOctets).toBe(
      sent.slice(0, 10_000).reduce((sum, frame) => sum + frame.octets, 0),
    );
    for (let i = 1; i < sent.length; i++) {
      expect(sent[i]!.firstBitPs - sent[i - 1]!.firstBitPs).toBe(occupancyPs(sent[i - 1]!.octets, 800));
    }
  });
});
