/**
 * Octets as a workload file writes them: hexadecimal text (`"0000 0002 ff"`), or a list of parts. All numbers are
 * big-endian. In expected answers two dots stand for an octet that may be anything.
 */
export type OctetPart =
  | { readonly kind: 'octets'; readonly octets: Uint8Array }
  /** As many octets from the seed's random stream, different in each request. */
  | { readonly kind: 'random'; readonly count: number }
  /** The number of the request, from 0 on, in four octets. */
  | { readonly kind: 'request-number' };

/** An octet of an expected answer. */
export type ExpectedPart =
  | { readonly kind: 'octets'; readonly octets: Uint8Array }
  | { readonly kind: 'any'; readonly count: number }
  /** The request's own octets from an offset on. */
  | { readonly kind: 'request'; readonly from: number; readonly count: number }
  /** Whatever follows, nothing too. */
  | { readonly kind: 'rest' };

/** Octets that the parts of a payload make; random ones are `random`'s. */
export function payloadOctetsOf(
  parts: readonly OctetPart[],
  requestNumber: number,
  random: (count: number) => Uint8Array,
): Uint8Array {
  return joinOctets(
    parts.map((part) => {
      if (part.kind === 'octets') return part;
      return { octets: part.kind === 'random' ? random(part.count) : bigEndian(requestNumber, 4) };
    }),
  );
}

/** What is wrong with an answer, or undefined. */
export function answerFault(
  expected: readonly ExpectedPart[],
  request: Uint8Array,
  answer: Uint8Array,
): string | undefined {
  let at = 0;
  for (const part of expected) {
    if (part.kind === 'rest') return undefined;
    if (part.kind === 'any') {
      at += part.count;
      continue;
    }
    const wanted = part.kind === 'octets' ? part.octets : request.subarray(part.from, part.from + part.count);
    for (let i = 0; i < wanted.length; i++, at++) {
      if (at < answer.length && answer[at] !== wanted[i]) {
        return `octet ${at}: expected ${hexOctet(wanted[i]!)}, got ${hexOctet(answer[at]!)}`;
      }
    }
  }
  return at === answer.length ? undefined : `length: expected ${at} octets, got ${answer.length}`;
}

/** The octets of all, one behind the other. */
export function joinOctets(parts: readonly { readonly octets: Uint8Array }[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { octets }) => sum + octets.length, 0));
  let at = 0;
  for (const { octets } of parts) {
    whole.set(octets, at);
    at += octets.length;
  }
  return whole;
}

/** A number in so many octets. */
export function bigEndian(value: number, octets: number): Uint8Array {
  return Uint8Array.from({ length: octets }, (_, i) => Math.floor(value / 2 ** (8 * (octets - 1 - i))) % 256);
}

function hexOctet(octet: number): string {
  return `0x${octet.toString(16).padStart(2, '0')}`;
}
