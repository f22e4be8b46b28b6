import { z } from 'zod';

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

/** A payload is one datagram's, or a lambda's whole body. */
const MOST_OCTETS = 1024;
/** What a memory is filled with may be as large as a picture. */
const MOST_MEMORY_OCTETS = 16 * 1024 * 1024;

const HEX = /^(?:\s*[0-9a-fA-F]{2})*\s*$/;
const HEX_OR_ANY = /^(?:\s*(?:[0-9a-fA-F]{2}|\.\.))*\s*$/;

function unsigned(bits: 8 | 16 | 32) {
  return z
    .int({ error: `a number of ${bits} bits` })
    .min(0)
    .max(2 ** bits - 1)
    .meta({ description: `Big-endian number of ${bits} bits` });
}

const count = (most: number, description: string) => z.int().min(0).max(most).meta({ description });

function fixedParts(most: number) {
  return [
    z.strictObject({ u8: unsigned(8) }).transform(({ u8 }) => octetsOf(number(u8, 1))),
    z.strictObject({ u16: unsigned(16) }).transform(({ u16 }) => octetsOf(number(u16, 2))),
    z.strictObject({ u32: unsigned(32) }).transform(({ u32 }) => octetsOf(number(u32, 4))),
    z.strictObject({ text: z.string() }).transform(({ text }) => octetsOf(new TextEncoder().encode(text))),
    z
      .strictObject({ zeros: count(most, 'Octets of value 0') })
      .transform(({ zeros }) => octetsOf(new Uint8Array(zeros))),
    z
      .strictObject({ counting: count(most, 'Octets 0, 1, 2 ... 255, 0, 1 ...') })
      .transform(({ counting }) => octetsOf(Uint8Array.from({ length: counting }, (_, i) => i))),
  ] as const;
}

const hexPart = z.strictObject({ hex: z.string().regex(HEX, { error: 'octets of two hexadecimal digits each' }) });
const hexOrAnyPart = z.strictObject({
  hex: z.string().regex(HEX_OR_ANY, { error: 'octets of two hexadecimal digits each, or .. for any' }),
});

/** @param most octets in all */
function within<T extends { readonly kind: string }>(most: number, parts: readonly T[], octets: (part: T) => number) {
  return parts.reduce((sum, part) => sum + octets(part), 0) <= most;
}

const payloadPart = z.union(
  [
    ...fixedParts(MOST_OCTETS),
    hexPart.transform(({ hex }) => octetsOf(hexOctets(hex))),
    z
      .strictObject({ random: count(MOST_OCTETS, 'Octets of chance') })
      .transform(({ random }): OctetPart => ({ kind: 'random', count: random })),
    z.strictObject({ request: z.literal('u32') }).transform((): OctetPart => ({ kind: 'request-number' })),
  ],
  { error: 'a part: u8, u16, u32, text, hex, zeros, counting, random, or request: u32' },
);

/** What a request carries. */
export const payloadSchema = z
  .union(
    [
      z
        .string()
        .regex(HEX)
        .transform((hex): OctetPart[] => [octetsOf(hexOctets(hex))]),
      z.array(payloadPart),
    ],
    { error: 'hexadecimal octets, or a list of parts (u8, u16, u32, text, hex, zeros, counting, random, request)' },
  )
  .refine((parts) => within(MOST_OCTETS, parts, payloadOctets), { error: `at most ${MOST_OCTETS} octets` });

const expectedPart = z.union(
  [
    ...fixedParts(MOST_OCTETS),
    hexOrAnyPart.transform(({ hex }) => expectedHex(hex)),
    z
      .strictObject({ any: count(MOST_OCTETS, 'Octets that may be anything') })
      .transform(({ any }): ExpectedPart[] => [{ kind: 'any', count: any }]),
    z
      .strictObject({ request: z.strictObject({ from: count(MOST_OCTETS, ''), octets: count(MOST_OCTETS, '') }) })
      .transform(({ request }): ExpectedPart[] => [{ kind: 'request', from: request.from, count: request.octets }]),
    z.literal('rest').transform((): ExpectedPart[] => [{ kind: 'rest' }]),
  ],
  {
    error:
      'a part: u8, u16, u32, text, hex (with ..), zeros, counting, any, request: {from, octets}, or rest at the end',
  },
);

/** What an answer must be. */
export const expectedSchema = z
  .union(
    [
      z.string().regex(HEX_OR_ANY).transform(expectedHex),
      z.array(expectedPart).transform((parts) => parts.flat() as ExpectedPart[]),
    ],
    { error: 'hexadecimal octets (.. for any), or a list of parts, or nothing' },
  )
  .refine((parts) => parts.every(({ kind }, index) => kind !== 'rest' || index === parts.length - 1), {
    error: 'rest at the end alone',
  });

/** What an object in the NIC's memory holds before the first request. */
export const memorySchema = z.union(
  [
    z.string().regex(HEX).transform(hexOctets),
    z
      .array(z.union([...fixedParts(MOST_MEMORY_OCTETS), hexPart.transform(({ hex }) => octetsOf(hexOctets(hex)))]))
      .transform((parts) => joined(parts)),
  ],
  { error: 'hexadecimal octets, or a list of parts (u8, u16, u32, text, hex, zeros, counting)' },
);

/** Octets that the parts of a payload make; random ones are `random`'s. */
export function payloadOctetsOf(
  parts: readonly OctetPart[],
  requestNumber: number,
  random: (count: number) => Uint8Array,
): Uint8Array {
  return joined(
    parts.map((part) => {
      if (part.kind === 'octets') return part;
      return octetsOf(part.kind === 'random' ? random(part.count) : number(requestNumber, 4));
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

function payloadOctets(part: OctetPart): number {
  if (part.kind === 'octets') return part.octets.length;
  return part.kind === 'random' ? part.count : 4;
}

function octetsOf(octets: Uint8Array): { kind: 'octets'; octets: Uint8Array } {
  return { kind: 'octets', octets };
}

function joined(parts: readonly { readonly octets: Uint8Array }[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { octets }) => sum + octets.length, 0));
  let at = 0;
  for (const { octets } of parts) {
    whole.set(octets, at);
    at += octets.length;
  }
  return whole;
}

function number(value: number, octets: number): Uint8Array {
  return Uint8Array.from({ length: octets }, (_, i) => Math.floor(value / 2 ** (8 * (octets - 1 - i))) % 256);
}

function hexOctets(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/[0-9a-fA-F]{2}/g) ?? [], (octet) => Number.parseInt(octet, 16));
}

function expectedHex(hex: string): ExpectedPart[] {
  return (hex.match(/[0-9a-fA-F]{2}|\.\./g) ?? []).map((octet) =>
    octet === '..' ? { kind: 'any', count: 1 } : octetsOf(hexOctets(octet)),
  );
}

function hexOctet(octet: number): string {
  return `0x${octet.toString(16).padStart(2, '0')}`;
}
