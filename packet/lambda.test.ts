import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Result } from '../base/result.ts';
import { between, CLIENT, LEASE_ANSWER, LEASE_RELEASE, LEASE_REQUEST, MASTER, pattern } from './example-frames.ts';
import {
  buildLambdaFrame,
  emitFunctionName,
  emitLambda,
  FLAG_KEEP,
  FLAG_RDMA,
  FLAG_RESPONSE,
  formatFlags,
  formatLambda,
  fragmentCount,
  fragmentOctets,
  LAMBDA_BODY_OFFSET,
  LAMBDA_HEADER_OCTETS,
  type LambdaHeader,
  parseFunctionName,
  parseLambda,
} from './lambda.ts';
import {
  emitLeaseAnswer,
  emitLeaseRelease,
  emitLeaseRequest,
  emitMessageEvent,
  emitMessageHead,
  parseLeaseAnswer,
  parseLeaseRelease,
  parseLeaseRequest,
  parseMessageEvent,
  parseMessageHead,
} from './lease.ts';
import { PORT_LAMBDA } from './udp.ts';
import { parseUdpFrame } from './udp-frame.ts';

const u32 = fc.nat(2 ** 32 - 1);
const u16 = fc.nat(65_535);

const anyHeader: fc.Arbitrary<LambdaHeader> = fc
  .record({ wId: u32, requestId: u32, flags: u16, status: u16, length: fc.nat(65_535 * 1_024), at: fc.nat(2 ** 31) })
  .map(({ at, ...header }) => {
    const fragments = fragmentCount(header.length);
    return { ...header, fragments, fragment: at % fragments };
  });

function emitted(header: LambdaHeader): Uint8Array {
  const octets = new Uint8Array(LAMBDA_HEADER_OCTETS);
  emitLambda(octets, 0, header);
  return octets;
}

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.error.code;
}

describe('lambda header', () => {
  it('has the words of the published contract', () => {
    const header = {
      wId: 1,
      requestId: 0x02030405,
      fragment: 1,
      fragments: 3,
      flags: 0x0607,
      status: 8,
      length: 2_049,
    };
    expect(Buffer.from(emitted(header)).toString('hex')).toBe('0000000102030405000100030607000800000801');
  });

  it('survives writing and reading', () => {
    fc.assert(
      fc.property(anyHeader, (header) => {
        expect(parseLambda(emitted(header), 0, 20)).toEqual({ ok: true, value: header });
      }),
      { verbose: true },
    );
  });

  it('starts right after UDP, and its body at octet 62', () => {
    const addresses = between(CLIENT, MASTER, 50_000, PORT_LAMBDA);
    const header = { wId: 9, requestId: 1, fragment: 0, fragments: 1, flags: 0, status: 0, length: 3 };
    const frame = buildLambdaFrame(addresses, header, Uint8Array.of(1, 2, 3));
    expect(LAMBDA_BODY_OFFSET).toBe(62);
    expect([...frame.subarray(62, 65)]).toEqual([1, 2, 3]);
    const udp = parseUdpFrame(frame);
    expect(udp.ok && udp.value.payload.length).toBe(23);
    expect(parseLambda(frame, 42, 65)).toEqual({ ok: true, value: header });
  });

  it.each([
    ['lambda-truncated', {}, 19],
    ['lambda-fragment', { fragments: 0 }, 20],
    ['lambda-fragment', { fragments: 2, fragment: 2, length: 2_000 }, 20],
    ['lambda-fragments', { fragments: 2, fragment: 0, length: 1_024 }, 20],
    ['lambda-fragments', { fragments: 2, fragment: 0, length: 4_000_000_000 }, 20],
  ])('is refused with %s', (code, fields, end) => {
    const header = { wId: 1, requestId: 1, fragment: 0, fragments: 1, flags: 0, status: 0, length: 0, ...fields };
    expect(codeOf(parseLambda(emitted(header), 0, end))).toBe(code);
  });

  it('allows a message in memory to be longer than a packet', () => {
    const header = { wId: 1, requestId: 1, fragment: 0, fragments: 1, flags: FLAG_RDMA, status: 0, length: 262_148 };
    expect(codeOf(parseLambda(emitted(header), 0, 20))).toBe('ok');
  });

  it('cuts a message so that the parts add up', () => {
    expect([0, 1, 1_024, 1_025, 65_536].map(fragmentCount)).toEqual([1, 1, 1, 2, 64]);
    fc.assert(
      fc.property(fc.nat(100_000), (length) => {
        const fragments = fragmentCount(length);
        let octets = 0;
        for (let fragment = 0; fragment < fragments; fragment++) {
          const part = fragmentOctets({ wId: 1, requestId: 1, fragment, fragments, flags: 0, status: 0, length });
          expect(part).toBeLessThanOrEqual(1_024);
          octets += part;
        }
        expect(octets).toBe(length);
      }),
      { verbose: true },
    );
  });

  it('prints flags by name and unknown bits as they are', () => {
    expect(formatFlags(FLAG_RESPONSE | FLAG_KEEP)).toBe('response,keep');
    expect(formatFlags(0x8001)).toBe('response,0x8000');
    expect(
      formatLambda({ wId: 2, requestId: 7, fragment: 1, fragments: 2, flags: FLAG_RESPONSE, status: 1, length: 1_030 }),
    ).toBe('lambda 2 request 7 [response] fragment 1/2 not-found, length 1030');
  });
});

describe('function name', () => {
  it('goes before the body', () => {
    const octets = new Uint8Array(20);
    expect(emitFunctionName(octets, 2, 'web-server')).toBe(13);
    expect(parseFunctionName(octets, 2, 20)).toEqual({ ok: true, value: { name: 'web-server', end: 13 } });
  });

  it.each([
    ['lambda-name-truncated', []],
    ['lambda-name-empty', [0, 65]],
    ['lambda-name-truncated', [3, 65, 66]],
    ['lambda-name-character', [2, 65, 0x20]],
    ['lambda-name-character', [2, 65, 0xc3]],
  ])('is refused with %s', (code, octets) => {
    expect(codeOf(parseFunctionName(Uint8Array.from(octets), 0, octets.length))).toBe(code);
  });
});

describe('lease messages', () => {
  it('have the lengths of the contract and survive', () => {
    const request = emitLeaseRequest(LEASE_REQUEST);
    const answer = emitLeaseAnswer(LEASE_ANSWER);
    const release = emitLeaseRelease(LEASE_RELEASE);
    expect([request.length, answer.length, release.length]).toEqual([40, 48, 4]);
    expect(parseLeaseRequest(request, 0, 40)).toEqual({ ok: true, value: LEASE_REQUEST });
    expect(parseLeaseAnswer(answer, 0, 48)).toEqual({ ok: true, value: LEASE_ANSWER });
    expect(parseLeaseRelease(release, 0, 4)).toEqual({ ok: true, value: LEASE_RELEASE });
  });

  it('are refused when they are short', () => {
    const octets = new Uint8Array(64);
    expect(codeOf(parseLeaseRequest(octets, 0, 39))).toBe('lease-request-truncated');
    expect(codeOf(parseLeaseAnswer(octets, 0, 47))).toBe('lease-answer-truncated');
    expect(codeOf(parseLeaseRelease(octets, 0, 3))).toBe('lease-release-truncated');
    expect(codeOf(parseMessageHead(octets, 0, 31))).toBe('message-head-truncated');
    expect(codeOf(parseMessageEvent(octets, 0, 23))).toBe('message-event-truncated');
  });

  it('put a head of 32 octets before a message in memory', () => {
    const header = { wId: 3, requestId: 77, fragment: 0, fragments: 1, flags: FLAG_RDMA, status: 0, length: 262_148 };
    const octets = pattern(40);
    emitMessageHead(octets, 4, header);
    expect(parseMessageHead(octets, 4, 40)).toEqual({ ok: true, value: header });
    expect([...octets.subarray(24, 36)]).toEqual(new Array(12).fill(0));
    expect([...octets.subarray(36)]).toEqual([...pattern(40).subarray(36)]);
  });

  it('give a lambda its addresses as two words each', () => {
    const event = {
      inputAddress: 0x98_1000_0020n,
      inputOctets: 262_148,
      outputAddress: 0x98_1006_0020n,
      outputCapacityOctets: 131_040,
    };
    const octets = emitMessageEvent(event);
    expect(Buffer.from(octets).toString('hex')).toBe('000000981000002000040004' + '00000098100600200001ffe0');
    expect(parseMessageEvent(octets, 0, 24)).toEqual({ ok: true, value: event });
  });
});
