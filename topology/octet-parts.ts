import { z } from 'zod';
import { bigEndian, type ExpectedPart, joinOctets, type OctetPart } from './octet-patterns.ts';

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
    z.strictObject({ u8: unsigned(8) }).transform(({ u8 }) => octetsOf(bigEndian(u8, 1))),
    z.strictObject({ u16: unsigned(16) }).transform(({ u16 }) => octetsOf(bigEndian(u16, 2))),
    z.strictObject({ u32: unsigned(32) }).transform(({ u32 }) => octetsOf(bigEndian(u32, 4))),
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
      .transform((parts) => joinOctets(parts)),
  ],
  { error: 'hexadecimal octets, or a list of parts (u8, u16, u32, text, hex, zeros, counting)' },
);

function payloadOctets(part: OctetPart): number {
  if (part.kind === 'octets') return part.octets.length;
  return part.kind === 'random' ? part.count : 4;
}

function octetsOf(octets: Uint8Array): { kind: 'octets'; octets: Uint8Array } {
  return { kind: 'octets', octets };
}

function hexOctets(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/[0-9a-fA-F]{2}/g) ?? [], (octet) => Number.parseInt(octet, 16));
}

function expectedHex(hex: string): ExpectedPart[] {
  return (hex.match(/[0-9a-fA-F]{2}|\.\./g) ?? []).map((octet) =>
    octet === '..' ? { kind: 'any', count: 1 } : octetsOf(hexOctets(octet)),
  );
}
