import { describe, expect, it } from 'vitest';
import { randomStream } from '../base/random.ts';
import { between, CLIENT, ROCE_PACKETS, WORKER } from '../packet/example-frames.ts';
import { buildLambdaFrame } from '../packet/lambda.ts';
import { buildRoceFrame } from '../packet/roce.ts';
import { PORT_LAMBDA, PORT_ROCE } from '../packet/udp.ts';
import { type AppliedFault, DirectionFaults } from './direction-faults.ts';
import type { DelayLaw, FrameMatch, LinkEffect, LinkFault, Schedule } from './fault.ts';

const OCTET_PS = 800;
const DELAY_PS = 500_000;
const GAP_PS = 1_000_000;
const ALWAYS: Schedule = { atPs: 0, forPs: undefined, everyPs: undefined, untilPs: undefined };
const FRAME = new Uint8Array(60);
/** Frames that a law is judged by. */
const MANY = 100_000;

interface Delivered {
  readonly departurePs: number;
  readonly addedDelayPs: number;
  readonly frame: Uint8Array;
}

/** A direction with faults, and what became of the frames that it was given. */
class Wire {
  readonly delivered: Delivered[] = [];
  readonly applied: AppliedFault[] = [];
  private readonly faults: DirectionFaults;

  constructor(effects: readonly (LinkEffect | Partial<LinkFault>)[], seed = 1) {
    const faults = effects.map((given, index): LinkFault => {
      const common = { name: `fault-${index}`, link: 'cable', from: 'a.eth0', schedule: ALWAYS, match: undefined };
      return 'kind' in given ? { ...common, effect: given } : { ...common, effect: { kind: 'down' }, ...given };
    });
    const direction = {
      link: 'cable',
      from: 'a.eth0',
      delayPs: DELAY_PS,
      receptionPs: (octets: number) => (octets + 12) * OCTET_PS,
      occupancyPs: (octets: number) => (octets + 24) * OCTET_PS,
    };
    this.faults = new DirectionFaults(direction, {
      random: (name) => randomStream(seed, name),
      record: (applied) => this.applied.push(applied),
      deliver: (departurePs, addedDelayPs, frame) => this.delivered.push({ departurePs, addedDelayPs, frame }),
    });
    for (const fault of faults) this.faults.impose(fault);
  }

  send(count: number, frame = FRAME): this {
    for (let i = 0; i < count; i++) this.faults.pass(i * GAP_PS, frame);
    return this;
  }

  sendEach(frames: readonly Uint8Array[]): this {
    for (const [index, frame] of frames.entries()) this.faults.pass(index * GAP_PS, frame);
    return this;
  }

  get ports(): DirectionFaults {
    return this.faults;
  }
}

/** Numbers of the frames that a wire lost, from 0. */
function lostOf(wire: Wire, count: number): number[] {
  const arrived = new Set(wire.delivered.map(({ departurePs }) => departurePs / GAP_PS));
  return Array.from({ length: count }, (_, i) => i).filter((i) => !arrived.has(i));
}

/** A count that is binomial lies within five standard deviations, or once in two million seeds not. */
function expectBinomial(count: number, trials: number, probability: number): void {
  const deviation = Math.sqrt(trials * probability * (1 - probability));
  expect(Math.abs(count - trials * probability)).toBeLessThan(5 * deviation);
}

/** Kolmogorov and Smirnov: the largest distance from the distribution, times the root of the count, is below 1.95 in 999 of 1,000 seeds. */
function expectDistribution(values: readonly number[], cumulative: (value: number) => number): void {
  const sorted = [...values].sort((a, b) => a - b);
  const { length } = sorted;
  let distance = 0;
  for (const [index, value] of sorted.entries()) {
    const expected = cumulative(value);
    distance = Math.max(distance, Math.abs(expected - index / length), Math.abs(expected - (index + 1) / length));
  }
  expect(distance * Math.sqrt(length)).toBeLessThan(1.95);
}

/** Abramowitz and Stegun 7.1.26, good to 1.5e-7. */
function errorFunction(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}

function addedDelays(law: DelayLaw): number[] {
  const wire = new Wire([{ kind: 'delay', probability: 1, law, keepOrder: false }]).send(MANY);
  return wire.delivered.map(({ addedDelayPs }) => addedDelayPs);
}

describe('laws, over 100,000 frames', () => {
  it('loses frames independently with the probability given', () => {
    const wire = new Wire([{ kind: 'loss', probability: 0.03 }]).send(MANY);
    const lost = lostOf(wire, MANY);
    expectBinomial(lost.length, MANY, 0.03);
    expect(wire.applied).toHaveLength(lost.length);
    // Losses right behind a loss are as rare as others.
    const inPairs = lost.filter((frame, i) => lost[i - 1] === frame - 1).length;
    expectBinomial(inPairs, lost.length, 0.03);
  });

  it('loses in bursts as Gilbert and Elliott say', () => {
    const chain = { goodToBad: 0.01, badToGood: 0.25, lossInGood: 0, lossInBad: 1 };
    const lost = lostOf(new Wire([{ kind: 'burst-loss', ...chain }]).send(MANY), MANY);
    const bursts = lost.filter((frame, i) => lost[i - 1] !== frame - 1).length;
    // Share of the bad state p / (p + r); mean length of a stay in it 1 / r. Losses are correlated: a wider margin.
    const share = chain.goodToBad / (chain.goodToBad + chain.badToGood);
    expect(Math.abs(lost.length / MANY / share - 1)).toBeLessThan(0.1);
    expect(Math.abs(lost.length / bursts / (1 / chain.badToGood) - 1)).toBeLessThan(0.1);
    const longerThanTwo = lost.filter(
      (frame, i) => lost[i - 1] !== frame - 1 && lost[i + 1] === frame + 1 && lost[i + 2] === frame + 2,
    ).length;
    expectBinomial(longerThanTwo, bursts, (1 - chain.badToGood) ** 2);
  });

  it('loses with the probabilities of both states', () => {
    const chain = { goodToBad: 0.5, badToGood: 0.5, lossInGood: 0.1, lossInBad: 0.5 };
    const lost = lostOf(new Wire([{ kind: 'burst-loss', ...chain }]).send(MANY), MANY);
    expectBinomial(lost.length, MANY, 0.3);
  });

  it('doubles, holds back and corrupts with the probability given', () => {
    const doubled = new Wire([{ kind: 'duplicate', probability: 0.2 }]).send(MANY);
    expectBinomial(doubled.delivered.length - MANY, MANY, 0.2);
    const held = new Wire([{ kind: 'reorder', probability: 0.1, depth: 3 }]).send(MANY);
    expectBinomial(held.delivered.filter(({ addedDelayPs }) => addedDelayPs > 0).length, MANY, 0.1);
    const corrupted = new Wire([{ kind: 'corrupt', probability: 0.05, bits: 1, caught: true }]).send(MANY);
    expectBinomial(lostOf(corrupted, MANY).length, MANY, 0.05);
  });

  it('flips each bit of a frame equally often', () => {
    const wire = new Wire([{ kind: 'corrupt', probability: 1, bits: 1, caught: false }]).send(MANY);
    const flips = new Array<number>(8 * FRAME.length).fill(0);
    for (const { frame } of wire.delivered) {
      const octet = frame.findIndex((value) => value !== 0);
      flips[8 * octet + Math.clz32(frame[octet]!) - 24]!++;
    }
    for (const count of flips) expectBinomial(count, MANY, 1 / flips.length);
  });

  it('adds delays that are constant or uniform', () => {
    expect(new Set(addedDelays({ kind: 'constant', delayPs: 7_000 }))).toEqual(new Set([7_000]));
    const uniform = addedDelays({ kind: 'uniform', leastPs: 1_000_000, mostPs: 3_000_000 });
    expectDistribution(uniform, (x) => (x - 1_000_000) / 2_000_000);
  });

  it('adds delays that are normal, none below zero', () => {
    const normal = addedDelays({ kind: 'normal', meanPs: 10_000_000, deviationPs: 2_000_000 });
    expectDistribution(normal, (x) => (1 + errorFunction((x - 10_000_000) / 2_000_000 / Math.SQRT2)) / 2);
    const cut = addedDelays({ kind: 'normal', meanPs: 0, deviationPs: 2_000_000 });
    expectBinomial(cut.filter((delayPs) => delayPs === 0).length, MANY, 0.5);
  });

  it('adds delays with the tail of Pareto', () => {
    const pareto = addedDelays({ kind: 'pareto', leastPs: 1_000_000, shape: 2.5 });
    expectDistribution(pareto, (x) => 1 - (1_000_000 / x) ** 2.5);
  });

  it('draws delays of a file equally often', () => {
    const drawn = addedDelays({ kind: 'samples', delaysPs: [10, 20, 20, 70] });
    expectBinomial(drawn.filter((delayPs) => delayPs === 20).length, MANY, 0.5);
    expectBinomial(drawn.filter((delayPs) => delayPs === 70).length, MANY, 0.25);
  });
});

describe('what happens to a frame', () => {
  it('is the same for the same seed, and another for another', () => {
    const lostWith = (seed: number) => lostOf(new Wire([{ kind: 'loss', probability: 0.5 }], seed).send(64), 64);
    expect(lostWith(1)).toEqual(lostWith(1));
    expect(lostWith(1)).not.toEqual(lostWith(2));
  });

  it('comes twice, the copy right behind', () => {
    const { delivered } = new Wire([{ kind: 'duplicate', probability: 1 }]).send(1);
    expect(delivered.map(({ addedDelayPs }) => addedDelayPs)).toEqual([0, 84 * OCTET_PS]);
  });

  it('is overtaken by as many frames as the depth says, of its own length and back to back', () => {
    const match: FrameMatch = { kind: 'frame', number: 1 };
    const wire = new Wire([{ effect: { kind: 'reorder', probability: 1, depth: 3 }, match }]);
    for (let i = 0; i < 6; i++) wire.ports.pass(i * 84 * OCTET_PS, FRAME);
    const order = wire.delivered
      .map(({ departurePs, addedDelayPs }, i) => ({ i, arrivalPs: departurePs + addedDelayPs }))
      .sort((a, b) => a.arrivalPs - b.arrivalPs || a.i - b.i)
      .map(({ i }) => i);
    expect(order.indexOf(0)).toBe(3);
  });

  it('waits for the frame before it where the order is kept', () => {
    const law: DelayLaw = { kind: 'samples', delaysPs: [0, 5_000_000] };
    const wire = new Wire([{ kind: 'delay', probability: 1, law, keepOrder: true }]).send(1000);
    let endPs = 0;
    for (const { departurePs, addedDelayPs } of wire.delivered) {
      expect(departurePs + addedDelayPs).toBeGreaterThanOrEqual(endPs);
      endPs = departurePs + addedDelayPs + 84 * OCTET_PS;
    }
  });

  it('has so many wrong bits, and the sender keeps the right ones', () => {
    const sent = new Uint8Array(100).fill(0xa5);
    const { delivered } = new Wire([{ kind: 'corrupt', probability: 1, bits: 5, caught: false }]).send(20, sent);
    for (const { frame } of delivered) {
      const wrong = frame.reduce((bits, octet) => bits + popCount(octet ^ 0xa5), 0);
      expect(wrong).toBe(5);
    }
    expect(sent.every((octet) => octet === 0xa5)).toBe(true);
  });

  it('is lost when any of it is on the wire while the link is down', () => {
    // On the wire from its departure to the end of its reception: 500 ns + 72 octets.
    const onWirePs = DELAY_PS + 72 * OCTET_PS;
    const schedule = { atPs: 10 * GAP_PS + onWirePs, forPs: 2 * GAP_PS, everyPs: undefined, untilPs: undefined };
    const wire = new Wire([{ effect: { kind: 'down' }, schedule }]).send(20);
    expect(lostOf(wire, 20)).toEqual([10, 11, 12]);
    expect(wire.applied[0]).toEqual({
      kind: 'fault',
      fault: 'fault-0',
      link: 'cable',
      from: 'a.eth0',
      frame: 11,
      reason: 'link-down',
    });
  });

  it('is what all faults make of it, in their order', () => {
    const wire = new Wire([
      { kind: 'duplicate', probability: 1 },
      { kind: 'delay', probability: 1, law: { kind: 'constant', delayPs: 5 }, keepOrder: false },
    ]).send(1);
    expect(wire.delivered.map(({ addedDelayPs }) => addedDelayPs)).toEqual([5, 5 + 84 * OCTET_PS]);
    expect(wire.applied.map(({ reason }) => reason)).toEqual(['duplicate', 'delay', 'delay']);
  });

  it('meets the port: slower, and with a shorter queue, while it is so', () => {
    const schedule = { atPs: 1_000, forPs: 1_000, everyPs: undefined, untilPs: undefined };
    const { ports } = new Wire([
      { effect: { kind: 'rate', octetPs: 8_000 }, schedule },
      { effect: { kind: 'queue', octets: 2_000 }, schedule },
    ]);
    expect([999, 1_000, 2_000].map((timePs) => ports.octetPsAt(timePs, OCTET_PS))).toEqual([800, 8_000, 800]);
    expect([999, 1_000, 2_000].map((timePs) => ports.queueOctetsAt(timePs, 9_000))).toEqual([9_000, 2_000, 9_000]);
  });
});

describe('frames that are meant', () => {
  const lambda = (wId: number) => {
    const header = { wId, requestId: 1, fragment: 0, fragments: 1, flags: 0, status: 0, length: 0 };
    return buildLambdaFrame(between(CLIENT, WORKER, 50_000, PORT_LAMBDA), header, new Uint8Array(0));
  };
  const roce = ROCE_PACKETS.map((packet) => buildRoceFrame(between(CLIENT, WORKER, 50_000, PORT_ROCE), packet));
  const lost = (match: FrameMatch, frames: readonly Uint8Array[]) =>
    lostOf(new Wire([{ effect: { kind: 'loss', probability: 1 }, match }]).sendEach(frames), frames.length);

  it('are the n-th of the direction', () => {
    expect(lost({ kind: 'frame', number: 4 }, new Array(6).fill(FRAME))).toEqual([3]);
  });

  it('are RoCEv2 packets by their sequence number', () => {
    const withPsn2 = ROCE_PACKETS.flatMap(({ psn }, index) => (psn === 2 ? [index] : []));
    expect(withPsn2.length).toBeGreaterThan(0);
    expect(lost({ kind: 'psn', psn: 2 }, [...roce, lambda(2)])).toEqual(withPsn2);
  });

  it('are lambda messages by their id', () => {
    expect(lost({ kind: 'lambda', wId: 3 }, [lambda(1), lambda(3), roce[0]!, lambda(3), FRAME])).toEqual([1, 3]);
  });
});

function popCount(octet: number): number {
  let bits = 0;
  for (let rest = octet; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}
