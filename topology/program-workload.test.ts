import { describe, expect, it } from 'vitest';
import { answerFault, payloadOctetsOf } from './octet-patterns.ts';
import { defaultProgramWorkloads, parseProgramWorkloads } from './program-workload.ts';

function parse(text: string) {
  return parseProgramWorkloads({ path: 'workload.yaml', text });
}

/** The octets of the first kind of request, its number being 258 and chance giving nines. */
function payloadOf(payload: string): number[] {
  const [workload] = parse(`requests: [{ name: a, payload: ${payload} }]`).workloads;
  return [...payloadOctetsOf(workload!.payload, 258, (count) => new Uint8Array(count).fill(9))];
}

function faultOf(expected: string, answer: readonly number[], request: readonly number[] = []): string | undefined {
  const [workload] = parse(`requests: [{ name: a, expect: ${expected} }]`).workloads;
  if (workload?.expected === undefined || workload.expected === 'nothing') throw new Error('no pattern');
  return answerFault(workload.expected, Uint8Array.from(request), Uint8Array.from(answer));
}

describe('a payload', () => {
  it.each([
    ['"00 0102 ff"', [0, 1, 2, 255]],
    ['[u8: 7, u16: 258, u32: 0x01020304]', [7, 1, 2, 1, 2, 3, 4]],
    ['[text: hi, hex: "0d0a", zeros: 2, counting: 3]', [104, 105, 13, 10, 0, 0, 0, 1, 2]],
    ['[request: u32, random: 2]', [0, 0, 1, 2, 9, 9]],
    ['[]', []],
  ])('of %s', (payload, octets) => {
    expect(payloadOf(payload)).toEqual(octets);
  });

  it('has its job before it', () => {
    const [workload] = parse('requests: [{ name: a, jobId: 0x01020304, payload: "ff" }]').workloads;
    expect([...payloadOctetsOf(workload!.payload, 0, () => new Uint8Array(0))]).toEqual([1, 2, 3, 4, 255]);
  });
});

describe('an answer', () => {
  it.each([
    ['"0102"', [1, 2], undefined],
    ['"0102"', [1, 3], 'octet 1: expected 0x02, got 0x03'],
    ['"0102"', [1], 'length: expected 2 octets, got 1'],
    ['"01..03"', [1, 77, 3], undefined],
    ['[any: 2, u8: 3]', [9, 9, 4], 'octet 2: expected 0x03, got 0x04'],
    ['[request: { from: 1, octets: 2 }]', [6, 7], undefined],
    ['[request: { from: 1, octets: 2 }]', [5, 6], 'octet 0: expected 0x06, got 0x05'],
    ['[u8: 1, rest]', [1, 2, 3], undefined],
    ['[u8: 1, rest]', [2], 'octet 0: expected 0x01, got 0x02'],
    ['[u8: 1]', [1, 2], 'length: expected 1 octets, got 2'],
  ])('that should be %s and is %j', (expected, answer, fault) => {
    expect(faultOf(expected, answer, [5, 6, 7])).toBe(fault);
  });
});

describe('a workload file', () => {
  it('may leave out nearly everything', () => {
    expect(parse('requests: [{ name: web }]')).toEqual({
      workloads: [{ ...defaultProgramWorkloads().workloads[0], name: 'web', payload: [] }],
      memory: {},
    });
  });

  it('has rates, limits and memory', () => {
    const { workloads, memory } = parse(
      'memory: { flag: "01", table: [u16: 2, zeros: 1] }\n' +
        'requests: [{ name: a, rate: 250000, timeout: 3ms, retries: 2, count: 9, port: 53, expect: nothing }]',
    );
    expect(workloads[0]).toMatchObject({
      target: { kind: 'port', port: 53 },
      intervalPs: 4_000_000,
      requestTimeoutPs: 3_000_000_000,
      retries: 2,
      requests: 9,
      expected: 'nothing',
    });
    expect(memory).toEqual({ flag: Uint8Array.of(1), table: Uint8Array.of(0, 2, 0) });
  });

  it.each([
    ['requests: []', /1:11: requests: .*at least one kind of request/],
    ['requests: [{ name: A }]', /1:\d+: .*name: .*lower-case letters/],
    ['requests: [{ name: a }, { name: a }]', /1:\d+: duplicate name: expected one of its own, got 'a' again/],
    ['requests: [{ name: a, lambda: x, port: 1 }]', /port: expected none beside a lambda/],
    ['requests: [{ name: a, lambda: x, jobId: 1 }]', /jobId: expected none beside a lambda/],
    ['requests: [{ name: a, rate: 1, concurrency: 2 }]', /rate: expected either a rate or a concurrency, got both/],
    ['requests: [{ name: a, payload: abc }]', /payload: expected hexadecimal octets, or a list of parts/],
    ['requests: [{ name: a, payload: [zeros: 1025] }]', /payload.*/],
    ['requests: [{ name: a, expect: [rest, u8: 1] }]', /expect.*/],
    ['requests: [{ name: a, timeout: 0s }]', /timeout: .*above zero/],
    ['requests: [{ name: a, jobId: 4294967296 }]', /jobId/],
    ['memory: { a: "0" }\nrequests: [{ name: a }]', /1:14: memory\.a: expected hexadecimal octets/],
  ])('is refused: %s', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
