import { describe, expect, it } from 'vitest';
import { PS_PER_S } from '../../../base/units.ts';
import type { UdpFrame } from '../../../packet/udp-frame.ts';
import { DatagramRelay } from './datagram-relay.ts';
import type { WorkerPool } from './worker-pool.ts';

const CLIENT = 0x0a0a1e01;
const WORKERS = [
  { name: 'm2', address: 0x0a0a6566 },
  { name: 'm3', address: 0x0a0a6567 },
];
const PORT = 4369;

type Stack = ConstructorParameters<typeof DatagramRelay>[2];
type Receive = Parameters<Stack['bind']>[1];
type Datagram = UdpFrame & Parameters<Receive>[0];

interface Sent {
  readonly fromPort: number;
  readonly toAddress: number;
  readonly toPort: number;
  readonly octets: readonly number[];
}

/** A relay with two workers, on a host whose sends are kept and whose timers go off when time is let pass. */
function relayHost(published = true) {
  const sent: Sent[] = [];
  const bound = new Map<number, Receive>();
  const timers = new Map<number, { readonly timePs: number; readonly callback: () => void }>();
  let nowPs = 0;
  let handles = 0;
  let ports = 60_000;
  const relay = new DatagramRelay(
    {
      nowPs: () => nowPs,
      at: (timePs, callback) => {
        timers.set(++handles, { timePs, callback });
        return handles;
      },
      cancel: (handle) => void timers.delete(handle),
    },
    { run: (_, then) => then() },
    {
      bind: (port, receive) => void bound.set(port, receive),
      unbind: (port) => void bound.delete(port),
      send: (fromPort, toAddress, toPort, payload) => {
        sent.push({ fromPort, toAddress, toPort, octets: [...payload] });
        return true;
      },
      ephemeralPort: () => ports++,
    } as Stack,
    { published },
    {
      workers: WORKERS,
      worker: (index: number) => WORKERS[index]!,
      choose: (candidates: readonly number[], _: string, turn: number) => turn % candidates.length,
    } as unknown as WorkerPool,
    0,
  );
  const datagram = (srcAddress: number, srcPort: number, dstPort: number, ...octets: number[]): Datagram =>
    ({ srcAddress, srcPort, dstPort, payload: Uint8Array.from(octets) }) as Datagram;
  return {
    relay,
    sent,
    bound,
    ask: (srcPort: number, ...octets: number[]) => relay.onRequest(datagram(CLIENT, srcPort, PORT, ...octets)),
    answer: (port: number, from: number, ...octets: number[]) =>
      bound.get(port)?.(datagram(from, PORT, port, ...octets), 0),
    pass: (durationPs: number) => {
      nowPs += durationPs;
      for (const [handle, { timePs, callback }] of timers) {
        if (timePs > nowPs) continue;
        timers.delete(handle);
        callback();
      }
    },
  };
}

describe('the relay of plain datagrams', () => {
  it('passes requests on as they are to one worker after the other, each from a port of its own', () => {
    const { ask, sent } = relayHost();
    ask(16_385, 1, 2, 3);
    ask(16_386, 4);
    ask(16_387);
    expect(sent.map(({ toAddress }) => toAddress)).toEqual([0, 1, 0].map((index) => WORKERS[index]!.address));
    expect(sent.map(({ octets }) => octets)).toEqual([[1, 2, 3], [4], []]);
    expect(new Set(sent.map(({ fromPort }) => fromPort)).size).toBe(3);
    expect(sent.every(({ toPort }) => toPort === PORT)).toBe(true);
  });

  it('brings an answer back from the port that the client asked, once', () => {
    const { ask, answer, sent, relay, bound } = relayHost();
    ask(16_385, 1);
    const { fromPort } = sent[0]!;
    answer(fromPort, WORKERS[0]!.address, 9, 8);
    expect(sent[1]).toEqual({ fromPort: PORT, toAddress: CLIENT, toPort: 16_385, octets: [9, 8] });
    expect(bound.size).toBe(0);
    answer(fromPort, WORKERS[0]!.address, 7);
    expect(sent).toHaveLength(2);
    expect(relay.counters).toMatchObject({ relayedRequests: 1, relayedAnswers: 1, strangers: 0 });
    expect(relay.rows()).toMatchObject([{ requestId: 1, worker: 'm2', lambda: 'udp-4369', status: 'ok' }]);
  });

  it('takes no answer from another worker than the one that was asked', () => {
    const { ask, answer, sent, relay } = relayHost();
    ask(16_385, 1);
    answer(sent[0]!.fromPort, WORKERS[1]!.address, 9);
    expect(sent).toHaveLength(1);
    expect(relay.counters.strangers).toBe(1);
  });

  it('sends a repetition the way of the first', () => {
    const { ask, sent, relay } = relayHost();
    ask(16_385, 1);
    ask(16_385, 1);
    expect(sent[1]).toEqual(sent[0]);
    expect(relay.rows()).toMatchObject([{ attempts: 2, status: 'no-answer', endPs: '' }]);
  });

  it('forgets after a second, and gives the port back', () => {
    const { ask, sent, relay, bound, pass } = relayHost();
    ask(16_385, 1);
    pass(PS_PER_S - 1);
    expect(bound.size).toBe(1);
    pass(1);
    expect(bound.size).toBe(0);
    expect(relay.counters.forgotten).toBe(1);
    ask(16_385, 2);
    expect(sent[1]!.fromPort).not.toBe(sent[0]!.fromPort);
  });

  it('refuses what comes before the firmware runs', () => {
    const { ask, sent, relay } = relayHost(false);
    ask(16_385, 1);
    expect(sent).toEqual([]);
    expect(relay.counters.refused).toBe(1);
  });
});
