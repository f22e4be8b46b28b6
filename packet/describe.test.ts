import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyFrame, describeFrame } from './describe.ts';
import { exampleFrames } from './example-frames.ts';

const FRAMES = exampleFrames();

function frameNamed(name: string): Uint8Array {
  return FRAMES.find((example) => example.name === name)!.frame;
}

describe('frame descriptions', () => {
  it.each([
    ['arp-request', 'ARP, who has 10.10.20.105, tell 10.10.30.1'],
    ['arp-reply', 'ARP, 10.10.20.105 is at 00:15:4d:00:20:01'],
    ['icmp-request', 'IP 10.10.30.1 > 10.10.20.105: ICMP echo request, id 9, seq 1, length 64'],
    ['lambda-request', 'IP 10.10.30.1.50000 > 10.10.20.105.4369: lambda 0 request 7, length 4'],
    ['lambda-miss', 'IP 10.10.20.105.4369 > 10.10.30.1.50000: lambda 1 request 7 [response] not-found, length 0'],
    ['memcached-get', 'IP 10.10.101.101.50001 > 10.10.20.105.11211: memcached request 3 datagram 0/1: get key-1'],
    ['memcached-stored', 'IP 10.10.20.105.11211 > 10.10.101.101.50001: memcached request 4 datagram 0/1: STORED'],
    [
      'management-lease-done',
      'IP 10.10.20.105.50002 > 10.10.101.101.4370: management lease-done transaction 5, lease 77 slot 5 ok',
    ],
    ['roce-17', 'IP 10.10.30.1.50003 > 10.10.101.101.4791: RoCE acknowledge qp 33 psn 1 ack msn 2, length 0'],
    ['udp', 'IP 10.10.30.1.50004 > 10.10.101.101.9: UDP, length 3'],
    ['udp-tagged', 'VLAN 10 priority 3, IP 10.10.30.1.50005 > 10.10.101.101.9: UDP, length 30'],
    ['pfc', 'PFC from 02:4c:4e:00:00:01, quanta 3:65535 4:0'],
    ['lldp', 'LLDP switch (02:4c:4e:00:00:00) port switch.1, time to live 5 s'],
  ])('%s', (name, line) => expect(describeFrame(frameNamed(name))).toBe(line));

  it('put every example into the protocol that its name starts with', () => {
    for (const { name, frame } of FRAMES) {
      const { protocol, roceOpcode } = classifyFrame(frame);
      const expected = name.startsWith('lease') ? 'lambda' : name.split('-')[0];
      expect(protocol, name).toBe(expected);
      expect(roceOpcode, name).toBe(protocol === 'roce' ? Number(name.split('-')[1]) : undefined);
    }
  });

  it('name the fault of a malformed frame', () => {
    const frame = frameNamed('lambda-request').slice();
    frame[50]! ^= 1;
    expect(classifyFrame(frame)).toEqual({ protocol: 'malformed', fault: 'udp-checksum' });
    expect(describeFrame(frame)).toBe('IP 10.10.30.1 > 10.10.20.105: UDP malformed: udp-checksum: checksum is wrong');
  });

  it('know what is not theirs', () => {
    const frame = frameNamed('udp').slice();
    frame.set([0x86, 0xdd], 12);
    expect(classifyFrame(frame)).toEqual({ protocol: 'other' });
    expect(describeFrame(frame)).toBe('00:15:4d:00:30:01 > 00:15:4d:00:01:01, ethertype 0x86dd, length 60');
  });
});

describe('hostile octets', () => {
  it('never make a reader throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_600 }), (frame) => {
        expect(describeFrame(frame)).toBeTypeOf('string');
      }),
      { verbose: true, numRuns: 2_000 },
    );
  });

  it('never make a reader throw when they almost are a frame', () => {
    const change = fc.record({ at: fc.nat(2 ** 16), octet: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.constantFrom(...FRAMES),
        fc.array(change, { maxLength: 4 }),
        fc.nat(1_600),
        ({ frame }, changes, length) => {
          const broken = frame.slice(0, length);
          for (const { at, octet } of changes) if (broken.length > 0) broken[at % broken.length] = octet;
          resum(broken);
          expect(describeFrame(broken)).toBeTypeOf('string');
        },
      ),
      { verbose: true, numRuns: 5_000 },
    );
  });
});

/** Makes the IPv4 checksum right and the UDP checksum zero, so that the octets reach the readers above them. */
function resum(frame: Uint8Array): void {
  if (frame.length < 42 || frame[12] !== 8 || frame[13] !== 0) return;
  frame.set([0, 0], 24);
  frame.set([0, 0], 40);
  let sum = 0;
  for (let at = 14; at < 34; at += 2) sum += frame[at]! * 256 + frame[at + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  frame.set([(~sum >> 8) & 255, ~sum & 255], 24);
}
