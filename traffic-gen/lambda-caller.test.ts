import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeUint32 } from '../packet/big-endian.ts';
import { emitLambda, FLAG_RESPONSE, FRAGMENT_OCTETS, fragmentCount, LAMBDA_HEADER_OCTETS } from '../packet/lambda.ts';
import { buildUdpFrame, parseUdpFrame, type UdpFrame } from '../packet/udp-frame.ts';
import { Scheduler } from '../time/scheduler.ts';
import { type CallOutcome, LambdaCaller } from './lambda-caller.ts';

const SERVER = 0x0a0a_1469;

function rig(): { caller: LambdaCaller; scheduler: Scheduler; sent: Uint8Array[] } {
  const scheduler = new Scheduler();
  const sent: Uint8Array[] = [];
  const caller = new LambdaCaller({
    nowPs: () => scheduler.nowPs(),
    at: (timePs, callback) => scheduler.armTimer(0, timePs, callback),
    cancel: (timer) => scheduler.cancelTimer(timer),
    send: (frame) => void sent.push(frame),
  });
  return { caller, scheduler, sent };
}

const call = {
  target: { address: SERVER, wId: 0, name: 'web-server' },
  flags: 0,
  body: new Uint8Array(4),
  answerOctets: 5_000,
  timeoutPs: 1_000_000,
  retries: 1,
};

function datagram(payload: Uint8Array, srcAddress = SERVER): UdpFrame {
  const addresses = { dstMac: 2, srcMac: 4, srcAddress, dstAddress: 0x0a0a_1e01, srcPort: 4369, dstPort: 50_000 };
  const parsed = parseUdpFrame(buildUdpFrame({ ...addresses, payload }));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function answerParts(requestId: number, body: Uint8Array): UdpFrame[] {
  const fragments = fragmentCount(body.length);
  return Array.from({ length: fragments }, (_, fragment) => {
    const part = body.subarray(fragment * FRAGMENT_OCTETS, (fragment + 1) * FRAGMENT_OCTETS);
    const payload = new Uint8Array(LAMBDA_HEADER_OCTETS + part.length);
    const length = body.length;
    emitLambda(payload, 0, { wId: 3, requestId, fragment, fragments, flags: FLAG_RESPONSE, status: 0, length });
    payload.set(part, LAMBDA_HEADER_OCTETS);
    return datagram(payload);
  });
}

test('puts together an answer whose fragments come in any order and more than once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5_000 }),
      fc.array(fc.nat(4), { maxLength: 8 }),
      fc.nat(),
      (octets, extra, turn) => {
        const { caller } = rig();
        const outcomes: CallOutcome[] = [];
        const requestId = caller.call(call, (outcome) => outcomes.push(outcome));
        const body = Uint8Array.from({ length: octets }, (_, i) => (i * 31 + octets) & 255);
        const parts = answerParts(requestId, body);
        const order = [...extra.filter((index) => index < parts.length), ...parts.keys()];
        const rotated = order.map((_, i) => order[(i + turn) % order.length]!);
        for (const index of rotated) caller.onDatagram(parts[index]!);
        expect(outcomes).toHaveLength(1);
        expect(Buffer.compare(outcomes[0]!.body, body)).toBe(0);
        expect(caller.counters.malformedAnswers).toBe(0);
        expect(caller.counters.duplicateAnswers).toBe(rotated.length - parts.length);
      },
    ),
  );
});

test('an answer from another address is not believed', () => {
  const { caller } = rig();
  let outcome: CallOutcome | undefined;
  const requestId = caller.call(call, (ended) => {
    outcome = ended;
  });
  const [part] = answerParts(requestId, new Uint8Array(3));
  caller.onDatagram(datagram(part!.payload.slice(), SERVER + 1));
  expect(outcome).toBeUndefined();
  caller.onDatagram(part!);
  expect(outcome).toMatchObject({ answered: true, wId: 3, attempts: 1 });
});

test('an answer longer than its frame or than asked for is dropped, and the timer goes on', () => {
  const { caller, scheduler, sent } = rig();
  const outcomes: CallOutcome[] = [];
  const requestId = caller.call(call, (outcome) => outcomes.push(outcome));
  for (const length of [61, 5_001, 0xffff_ffff]) {
    const payload = new Uint8Array(LAMBDA_HEADER_OCTETS + 60);
    emitLambda(payload, 0, { wId: 3, requestId, fragment: 0, fragments: 1, flags: FLAG_RESPONSE, status: 0, length });
    caller.onDatagram(datagram(payload));
  }
  expect(caller.counters.malformedAnswers).toBe(3);
  scheduler.run(Number.POSITIVE_INFINITY);
  expect(sent).toHaveLength(2);
  expect(scheduler.nowPs()).toBe(3_000_000);
  expect(outcomes).toMatchObject([{ answered: false, attempts: 2 }]);
  expect(caller.outstanding).toBe(0);
});

test('any octets at the port: nothing is thrown, and a call ends once at most', () => {
  const header = fc.record({
    requestId: fc.nat(3),
    fragment: fc.nat(3),
    fragments: fc.nat(5),
    flags: fc.constantFrom(FLAG_RESPONSE, 0, 0xffff),
    status: fc.nat(8),
    length: fc.oneof(fc.nat(5_000), fc.constant(0xffff_ffff)),
  });
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.tuple(header, fc.uint8Array({ maxLength: 1_100 })).map(([fields, rest]) => {
      const octets = new Uint8Array(LAMBDA_HEADER_OCTETS + rest.length);
      emitLambda(octets, 0, { wId: 1, ...fields });
      octets.set(rest, LAMBDA_HEADER_OCTETS);
      return octets;
    }),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 30 }), (messages) => {
      const { caller, scheduler } = rig();
      const ends = [0, 0, 0];
      for (const index of ends.keys()) caller.call(call, () => ends[index]!++);
      for (const payload of messages) caller.onDatagram(datagram(payload));
      scheduler.run(Number.POSITIVE_INFINITY);
      expect(ends).toEqual([1, 1, 1]);
    }),
  );
});

test('request ids count up from one', () => {
  const { caller, sent } = rig();
  expect([caller.call(call, () => {}), caller.call(call, () => {})]).toEqual([1, 2]);
  const expected = new Uint8Array(4);
  writeUint32(expected, 0, 2);
  expect(sent[1]!.slice(42 + 4, 42 + 8)).toEqual(expected);
});
