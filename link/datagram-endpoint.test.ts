import { afterEach, describe, expect, it } from 'vitest';
import { MAXIMUM_DATAGRAM_OCTETS } from './datagram-codec.ts';
import type { DatagramEndpoint } from './datagram-endpoint.ts';
import { openDgramEndpoint } from './dgram-endpoint.ts';
import { openNativeEndpoint } from './native-endpoint.ts';
import { systemCalls } from './system-calls.ts';

const SYSTEMS = ['dgram', 'native'] as const;
const LOOPBACK = '127.0.0.1';
const at = (port: number) => ({ address: LOOPBACK, port });
const calls = systemCalls();
const open: DatagramEndpoint[] = [];

async function openEndpoint(system: (typeof SYSTEMS)[number], channels: number): Promise<DatagramEndpoint> {
  const endpoint =
    system === 'dgram' ? await openDgramEndpoint(channels, LOOPBACK) : openNativeEndpoint(calls!, channels, LOOPBACK);
  open.push(endpoint);
  return endpoint;
}

afterEach(() => {
  for (const endpoint of open.splice(0)) endpoint.close();
});

/** Collects what an endpoint gets; `until` is fulfilled when so many datagrams have come. */
function collect(endpoint: DatagramEndpoint) {
  const got: { channel: number; octets: Buffer }[] = [];
  let wake = () => {};
  endpoint.receive({
    mayWait: true,
    onDatagram: (channel, octets) => got.push({ channel, octets }),
    onDrained: () => wake(),
  });
  const until = async (count: number): Promise<void> => {
    while (got.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { got, until };
}

describe.skipIf(calls === undefined && process.env.CI !== 'true')('datagram endpoints', () => {
  for (const near of SYSTEMS) {
    for (const far of SYSTEMS) {
      it(`${near} and ${far} exchange datagrams of every size, each on its channel`, async () => {
        const star = await openEndpoint(near, 2);
        const leaves = [await openEndpoint(far, 1), await openEndpoint(far, 1)] as const;
        await star.connect(leaves.map(({ ports }) => at(ports[0]!)));
        await Promise.all(leaves.map((leaf, channel) => leaf.connect([at(star.ports[channel]!)])));
        const atStar = collect(star);
        const atLeaves = leaves.map(collect);
        const sizes = [1, 40, 1_500, MAXIMUM_DATAGRAM_OCTETS];
        for (const [i, octets] of sizes.entries()) {
          star.send(0, Buffer.alloc(octets, i));
          star.send(1, Buffer.alloc(octets, i + 100));
          leaves[1].send(0, Buffer.alloc(octets, i + 200));
        }
        await Promise.all([atStar.until(4), ...atLeaves.map(({ until }) => until(4))]);
        const seen = (got: { channel: number; octets: Buffer }[]) =>
          got.map(({ channel, octets }) => [channel, octets.length, octets.at(-1), octets[0]]);
        expect(seen(atLeaves[0]!.got)).toEqual(sizes.map((octets, i) => [0, octets, i, i]));
        expect(seen(atLeaves[1]!.got)).toEqual(sizes.map((octets, i) => [0, octets, i + 100, i + 100]));
        expect(seen(atStar.got)).toEqual(sizes.map((octets, i) => [1, octets, i + 200, i + 200]));
      });
    }

    it(`${near} takes more datagrams at once than one system call carries`, async () => {
      const [a, b] = [await openEndpoint(near, 1), await openEndpoint(near, 1)];
      await a.connect(b.ports.map(at));
      await b.connect(a.ports.map(at));
      const atB = collect(b);
      collect(a);
      for (let i = 0; i < 100; i++) a.send(0, Buffer.from([i]));
      await atB.until(100);
      expect(atB.got.map(({ octets }) => octets[0])).toEqual(Array.from({ length: 100 }, (_, i) => i));
    });

    it(`${near} drops what a stranger sends`, async () => {
      const [a, b, stranger] = [
        await openEndpoint(near, 1),
        await openEndpoint(near, 1),
        await openEndpoint('dgram', 1),
      ];
      await a.connect(b.ports.map(at));
      await b.connect(a.ports.map(at));
      await stranger.connect(b.ports.map(at));
      const atB = collect(b);
      collect(a);
      stranger.send(0, Buffer.from('stray'));
      a.send(0, Buffer.from('friend'));
      await atB.until(1);
      a.send(0, Buffer.from('again'));
      await atB.until(2);
      expect(atB.got.map(({ octets }) => octets.toString())).toEqual(['friend', 'again']);
    });
  }
});
