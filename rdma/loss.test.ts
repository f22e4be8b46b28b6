import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../base/random.ts';
import { PS_PER_US } from '../base/units.ts';
import type { Completion } from './completion.ts';
import type { RdmaOptions } from './options.ts';
import { ArrayMemory, connectPair, DELIVERED, type Fate, pattern, SimulatedNetwork } from './test/simulated-network.ts';

const BASE = 0x1_0000n;
const SLOT_OCTETS = 128 * 1024;

interface Outcome {
  readonly completions: (Completion | undefined)[];
  /** Immediates in the order of delivery. */
  readonly immediates: number[];
  readonly frames: number;
  /** Everything came to rest within the bound on events. */
  readonly settled: boolean;
}

/**
 * Writes the messages over one connection, each into a slot of its own with its index as immediate. At every immediate
 * the whole message must lie in memory already.
 */
function writeAll(
  lengths: readonly number[],
  network: SimulatedNetwork,
  options: RdmaOptions,
  startPsn: number,
  maximumEvents: number,
): Outcome {
  const sender = network.addEngine(options);
  const receiver = network.addEngine(options);
  const memory = new ArrayMemory(SLOT_OCTETS * lengths.length);
  const rights = { remoteWrite: true, remoteRead: false };
  const region = receiver.registerRegion({ memory, address: BASE, length: memory.octets.length, rights });
  const { fromQpn } = connectPair(network, 0, 1, { startPsn });
  const messages = lengths.map((length, i) => pattern(length, i));
  const immediates: number[] = [];
  receiver.onImmediate((_qpn, { immediate, octets, address }) => {
    immediates.push(immediate);
    const expected = messages[immediate]!;
    expect(octets).toBe(expected.length);
    if (octets === 0) return;
    const offset = Number(address - BASE);
    expect(offset).toBe(immediate * SLOT_OCTETS);
    expect(Buffer.compare(memory.octets.subarray(offset, offset + octets), expected)).toBe(0);
  });
  const completions: (Completion | undefined)[] = lengths.map(() => undefined);
  messages.forEach((octets, i) => {
    const remoteAddress = BASE + BigInt(i * SLOT_OCTETS);
    sender.write(fromQpn, { remoteAddress, rkey: region.rkey, octets, immediate: i }, (completion) => {
      expect(completions[i]).toBeUndefined();
      completions[i] = completion;
    });
  });
  const settled = network.settle(maximumEvents);
  return { completions, immediates, frames: network.totalFrames(), settled };
}

function expectExactlyOnceOrReported({ completions, immediates }: Outcome): void {
  const failure = completions.findIndex((completion) => completion?.ok !== true);
  const completed = failure === -1 ? completions.length : failure;
  // In order, each once; what completed was delivered, what was delivered may still be reported as failed (a lost ACK).
  expect(immediates).toEqual(immediates.map((_, i) => i));
  expect(immediates.length).toBeGreaterThanOrEqual(completed);
  completions.slice(completed).forEach((completion, i) => {
    if (i === 0) expect(completion).toMatchObject({ ok: false });
    else expect(completion).toEqual({ ok: false, code: 'flushed' });
  });
}

const fate = fc.oneof(
  { weight: 4, arbitrary: fc.constant('pass' as const) },
  { weight: 2, arbitrary: fc.constant('drop' as const) },
  { weight: 1, arbitrary: fc.record({ delayUs: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ copyAfterUs: fc.integer({ min: 0, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ flipBit: fc.nat(20_000) }) },
);
type FateChoice = typeof fate extends fc.Arbitrary<infer Choice> ? Choice : never;

function toFate(choice: FateChoice | undefined): Fate {
  if (choice === undefined || choice === 'pass') return DELIVERED;
  if (choice === 'drop') return { copies: [] };
  if ('delayUs' in choice) return { copies: [{ extraPs: choice.delayUs * PS_PER_US }] };
  if ('copyAfterUs' in choice) return { copies: [{ extraPs: 0 }, { extraPs: choice.copyAfterUs * PS_PER_US }] };
  return { copies: [{ extraPs: 0, flipBit: choice.flipBit }] };
}

describe('over a network that loses, copies, delays, reorders and corrupts', () => {
  it('every message arrives exactly once and in order, or the failure is reported', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 12_000 }), { minLength: 1, maxLength: 6 }),
        fc.tuple(fc.array(fate, { maxLength: 60 }), fc.array(fate, { maxLength: 30 })),
        fc.record({
          windowPackets: fc.integer({ min: 1, max: 12 }),
          packetsPerAck: fc.integer({ min: 1, max: 8 }),
          adaptiveWindow: fc.boolean(),
          paced: fc.boolean(),
        }),
        fc.constantFrom(0, 0xfffffa, 0x7ffffd),
        (lengths, fates, { paced, ...options }, startPsn) => {
          const network = new SimulatedNetwork();
          network.fateOf = (from, n) => toFate(fates[from]![n]);
          const pace = paced ? { pacingOctetPs: 800, pacingBacklogOctets: 3_000 } : {};
          const settings = { ...options, ...pace, ackTimeoutPs: 100 * PS_PER_US };
          const outcome = writeAll(lengths, network, settings, startPsn, 100_000);
          expect(outcome.settled).toBe(true);
          expectExactlyOnceOrReported(outcome);
          // Each fault costs a window or a timeout at most.
          const packets = lengths.reduce((sum, length) => sum + Math.max(1, Math.ceil(length / 1_024)), 0);
          const faults = fates.flat().filter((choice) => choice !== 'pass').length;
          const bound = 2 * (packets + (faults + 1) * (options.windowPackets + 1));
          expect(outcome.frames).toBeLessThanOrEqual(bound);
          // Only a run of 8 faults on the same packet can exhaust its retries.
          if (faults < 8) expect(outcome.completions.every((completion) => completion?.ok === true)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([0.01, 0.05, 0.2])('256 KiB get through a loss of %f both ways with a bounded number of frames', (loss) => {
    for (let seed = 1; seed <= 5; seed++) {
      const random = [randomStream(seed, 'loss/0'), randomStream(seed, 'loss/1')];
      const network = new SimulatedNetwork();
      network.fateOf = (from) => (random[from]!.unit() < loss ? { copies: [] } : DELIVERED);
      const outcome = writeAll([131_072, 131_072], network, { ackTimeoutPs: 100 * PS_PER_US, retries: 20 }, 1, 1e6);
      expect(outcome.settled).toBe(true);
      expect(outcome.completions, `seed ${seed}`).toEqual([{ ok: true }, { ok: true }]);
      expect(outcome.immediates).toEqual([0, 1]);
      // 256 packets; with the window halved at each loss few of the packets sent are ones that must be sent again.
      expect(outcome.frames, `seed ${seed}`).toBeLessThan(256 * 6);
    }
  });

  it('gives the same frames at the same times when run twice', () => {
    const runs = [1, 2].map(() => {
      const random = randomStream(7, 'loss');
      const network = new SimulatedNetwork();
      network.fateOf = () => (random.unit() < 0.1 ? { copies: [] } : DELIVERED);
      writeAll([60_000, 1, 100_000], network, { ackTimeoutPs: 50 * PS_PER_US }, 9, 1e6);
      return { end: network.scheduler.nowPs(), frames: Buffer.concat(network.trace.map(({ frame }) => frame)) };
    });
    expect(runs[0]!.end).toBe(runs[1]!.end);
    expect(runs[0]!.frames.equals(runs[1]!.frames)).toBe(true);
  });
});
