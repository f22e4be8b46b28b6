import { describe, expect, it } from 'vitest';
import { randomStream } from '../base/random.ts';
import type { ChannelMessage, FrameInTransit } from '../time/channel.ts';
import { decodeDatagram } from './datagram-codec.ts';
import { LossRecord } from './loss-record.ts';
import { ReliableChannel } from './reliable-channel.ts';

interface Delivered {
  readonly message: ChannelMessage;
  readonly frames: readonly { readonly firstBitPs: number; readonly link: number; readonly octets: number }[];
}

/** Two channels over a wire that loses, doubles and reorders; wall time is a number that the test moves. */
function world(seed: number, losses: number, reorders: boolean) {
  const random = randomStream(seed, 'wire');
  const wire: { to: 0 | 1; octets: Buffer }[] = [];
  const delivered: [Delivered[], Delivered[]] = [[], []];
  const records = [new LossRecord(), new LossRecord()] as const;
  let wallMs = 0;
  const endOf = (side: 0 | 1) =>
    new ReliableChannel({
      runId: 77,
      losses: records[side],
      transmit: (octets) => {
        if (random.unit() < losses) return;
        const copies = random.unit() < losses / 2 ? 2 : 1;
        for (let i = 0; i < copies; i++) wire.push({ to: side === 0 ? 1 : 0, octets: Buffer.from(octets) });
      },
      deliver: (message, frames) => {
        const kept = frames.map(({ firstBitPs, link, frame }) => ({ firstBitPs, link, octets: frame.length }));
        delivered[side].push({ message, frames: kept });
      },
    });
  const ends = [endOf(0), endOf(1)] as const;
  const step = () => {
    if (wire.length === 0) {
      wallMs += 2;
      for (const [side, end] of ends.entries()) {
        records[side]!.tick(wallMs);
        end.onTick(wallMs);
      }
      return;
    }
    const next = wire.splice(reorders ? random.below(wire.length) : 0, 1)[0]!;
    ends[next.to].onDatagram(next.octets);
  };
  return { ends, delivered, step, wire };
}

function framesOf(count: number, octets: number): FrameInTransit[] {
  return Array.from({ length: count }, (_, i) => ({
    link: i % 3,
    firstBitPs: 1_000 + i,
    frame: new Uint8Array(octets),
  }));
}

describe('ReliableChannel', () => {
  for (const { losses, reorders } of [
    { losses: 0, reorders: false },
    { losses: 0.05, reorders: false },
    { losses: 0.4, reorders: true },
  ]) {
    it(`delivers in order, exactly once, at ${losses * 100} % loss${reorders ? ' and reordering' : ''}`, () => {
      const { ends, delivered, step } = world(3, losses, reorders);
      for (let i = 0; i < 200; i++) {
        ends[0].send({ counted: i, promisePs: i * 10, needPs: Number.POSITIVE_INFINITY }, framesOf(i % 4, 100));
        ends[1].send({ counted: 2 * i, promisePs: Number.POSITIVE_INFINITY, needPs: i }, []);
      }
      for (let steps = 0; !(ends[0].isSettled && ends[1].isSettled); steps++) {
        expect(steps).toBeLessThan(100_000);
        step();
      }
      expect(delivered[1].map(({ message }) => message.counted)).toEqual(Array.from({ length: 200 }, (_, i) => i));
      expect(delivered[0].map(({ message }) => message.needPs)).toEqual(Array.from({ length: 200 }, (_, i) => i));
      expect(delivered[1][7]!.frames).toEqual(
        framesOf(3, 100).map(({ link, firstBitPs }) => ({ link, firstBitPs, octets: 100 })),
      );
    });
  }

  it('splits what exceeds a datagram, and no part promises more than the frames that are still to come', () => {
    const { ends, delivered, step } = world(1, 0, false);
    ends[0].send({ counted: 5, promisePs: 999_999, needPs: 7 }, framesOf(130, 1_514));
    while (!ends[0].isSettled) step();
    expect(delivered[1].length).toBeGreaterThan(2);
    const all = delivered[1].flatMap(({ frames }) => frames);
    expect(all.map(({ firstBitPs }) => firstBitPs)).toEqual(framesOf(130, 1).map(({ firstBitPs }) => firstBitPs));
    delivered[1].forEach(({ message }, part) => {
      const later = delivered[1].slice(part + 1).flatMap(({ frames }) => frames.map(({ firstBitPs }) => firstBitPs));
      expect(message.promisePs).toBe(Math.min(999_999, ...later));
    });
  });

  it('acknowledges a peer that only sends before its window fills, without waiting for the clock', () => {
    const { ends, step, wire } = world(1, 0, false);
    for (let i = 0; i < 2_000; i++) {
      expect(ends[0].hasRoom).toBe(true);
      ends[0].send({ counted: 0, promisePs: i, needPs: i }, []);
      while (wire.length > 0) step();
    }
  });

  it('ignores strays, foreign runs and broken datagrams', () => {
    const { ends, delivered } = world(1, 0, false);
    ends[0].onDatagram(Buffer.alloc(3));
    const foreign = Buffer.alloc(40);
    foreign.writeUInt16LE(1, 12);
    ends[0].onDatagram(foreign);
    const tooManyFrames = Buffer.alloc(60);
    tooManyFrames.writeUInt32LE(77, 0);
    tooManyFrames.writeUInt16LE(1, 12);
    tooManyFrames.writeUInt16LE(900, 14);
    expect(decodeDatagram(tooManyFrames).ok).toBe(false);
    ends[0].onDatagram(tooManyFrames);
    expect(delivered[0]).toEqual([]);
  });
});
