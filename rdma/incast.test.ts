import { describe, expect, it } from 'vitest';
import { randomStream } from '../base/random.ts';
import { PS_PER_MS } from '../base/units.ts';
import type { Completion } from './completion.ts';
import type { RdmaOptions } from './options.ts';
import { ArrayMemory, connectPair, DELIVERED, pattern, SimulatedNetwork } from './test/simulated-network.ts';

const SENDERS = 56;
const OCTET_PS = 800;

/** 56 messages at once to one engine, each over a queue pair of its own, through a FIFO of `queueOctets` at 10 Gb/s. */
function incast(
  messageOctets: number,
  queueOctets: number,
  senderEngines: number,
  options: RdmaOptions,
  randomLoss = 0,
) {
  const network = new SimulatedNetwork();
  network.bottleneck = { queueOctets, octetPs: OCTET_PS };
  const random = randomStream(1, 'incast');
  network.fateOf = () => (randomLoss > 0 && random.unit() < randomLoss ? { copies: [] } : DELIVERED);
  const receiver = network.addEngine(options);
  for (let i = 0; i < senderEngines; i++) network.addEngine(options);
  const message = pattern(messageOctets, 1);
  const completions: (Completion | undefined)[] = [];
  const delivered = new Map<number, number>();
  receiver.onImmediate((_qpn, { immediate, region }) => {
    delivered.set(immediate, (delivered.get(immediate) ?? 0) + 1);
    expect(Buffer.compare(region!.memory.read(0, messageOctets), message)).toBe(0);
  });
  for (let i = 0; i < SENDERS; i++) {
    const from = 1 + (i % senderEngines);
    const memory = new ArrayMemory(messageOctets);
    const rights = { remoteWrite: true, remoteRead: false };
    const region = receiver.registerRegion({ memory, address: 0n, length: messageOctets, rights });
    const { fromQpn } = connectPair(network, from, 0);
    const request = { remoteAddress: 0n, rkey: region.rkey, octets: message, immediate: i };
    network.engines[from]!.write(fromQpn, request, (completion) => {
      completions[i] = completion;
    });
  }
  const packets = (SENDERS * messageOctets) / 1_024;
  const settled = network.settle(packets * 40);
  const frames = network.framesSent.slice(1).reduce((sum, count) => sum + count, 0);
  const idealPs = packets * (1_024 + 62 + 24) * OCTET_PS;
  return { network, settled, completions, delivered, packets, frames, slowdown: network.scheduler.nowPs() / idealPs };
}

describe('56 messages at once into one port', () => {
  const CASES = [
    { name: '64 KiB, 1.7 MB switch buffer', octets: 64 * 1024, queue: 1_700_000, engines: 4, maxRatio: 1.7 },
    { name: '256 KiB, 1.7 MB switch buffer', octets: 256 * 1024, queue: 1_700_000, engines: 4, maxRatio: 1.7 },
    { name: '256 KiB, 150 kB switch buffer', octets: 256 * 1024, queue: 150_000, engines: 4, maxRatio: 3 },
    { name: '64 KiB, 30 kB switch buffer', octets: 64 * 1024, queue: 30_000, engines: 56, maxRatio: 4 },
  ];
  it.each(CASES)('$name: all arrive exactly once, and few packets are sent in vain', (test) => {
    const run = incast(test.octets, test.queue, test.engines, { pacingOctetPs: OCTET_PS });
    expect(run.settled).toBe(true);
    expect(run.completions).toEqual(Array.from({ length: SENDERS }, () => ({ ok: true })));
    expect([...run.delivered.values()]).toEqual(Array.from({ length: SENDERS }, () => 1));
    expect(run.frames / run.packets).toBeLessThan(test.maxRatio);
  });

  it('and with a loss of 1 % on top', () => {
    const run = incast(64 * 1024, 300_000, 4, { pacingOctetPs: OCTET_PS, ackTimeoutPs: 2 * PS_PER_MS }, 0.01);
    expect(run.settled).toBe(true);
    expect(run.completions.every((completion) => completion?.ok === true)).toBe(true);
    expect(run.delivered.size).toBe(SENDERS);
    expect(run.frames / run.packets).toBeLessThan(3);
  });
});
