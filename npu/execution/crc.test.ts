import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CrcBytes, CrcOperator } from '../isa/instruction.ts';
import { type CrcPlan, crcRemainder, OCTET_RANGE, POLYNOMIALS } from './crc.ts';

type Named = Exclude<CrcOperator, '--'>;

const word = fc.integer({ min: 0, max: 0xffff_ffff });

function plan(operator: Named, options: Partial<CrcPlan> = {}): CrcPlan {
  const polynomial = POLYNOMIALS[operator];
  return { polynomial, littleEndian: false, bitSwap: false, firstOctet: 0, octets: 4, ...options };
}

/** The remainder of octets fed one by one, as byte_3 of a word. */
function feed(operator: Named, octets: Uint8Array, initial: number, bitSwap: boolean): number {
  const one = plan(operator, { firstOctet: 3, octets: 1, bitSwap });
  return octets.reduce((remainder, octet) => crcRemainder(one, remainder, octet), initial);
}

function reflect(value: number, width: number): number {
  let reflected = 0n;
  for (let bit = 0; bit < width; bit++) {
    if ((BigInt(value >>> 0) >> BigInt(bit)) & 1n) reflected |= 1n << BigInt(width - 1 - bit);
  }
  return Number(reflected);
}

/** Long division of the message, behind the initial remainder, by the polynomial with its highest term. */
function byDivision(width: number, terms: number, initial: number, octets: readonly number[]): number {
  const message = octets.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
  const bits = 8 * octets.length;
  const w = BigInt(width);
  let rest = (message << w) ^ (BigInt(initial) << BigInt(bits));
  const divisor = (1n << w) | BigInt(terms);
  for (let bit = BigInt(bits) + w - 1n; bit >= w; bit--) if ((rest >> bit) & 1n) rest ^= divisor << (bit - w);
  return Number(rest);
}

const CHECK = new TextEncoder().encode('123456789');

describe('crc', () => {
  // The check values of the catalogue of parametrised CRC algorithms (reveng): CRC-16/IBM-3740, CRC-32/BZIP2,
  // CRC-32/ISO-HDLC, CRC-32/ISCSI, CRC-10/ATM.
  test.each<readonly [string, Named, number, boolean, (remainder: number) => number, number]>([
    ['CCITT', 'crc_ccitt', 0xffff, false, (r) => r, 0x29b1],
    ['CRC-32 without reflection', 'crc_32', -1, false, (r) => ~r >>> 0, 0xfc89_1918],
    ['CRC-32 of Ethernet', 'crc_32', -1, true, (r) => ~reflect(r, 32) >>> 0, 0xcbf4_3926],
    ['iSCSI', 'crc_iscsi', -1, true, (r) => ~reflect(r, 32) >>> 0, 0xe306_9283],
    ['CRC-10 of ATM', 'crc_10', 0, false, (r) => r, 0x199],
  ])('%s of "123456789"', (_, operator, initial, bitSwap, finish, expected) => {
    expect(finish(feed(operator, CHECK, initial, bitSwap))).toBe(expected);
  });

  test.each(Object.keys(POLYNOMIALS) as Named[])('%s agrees with long division', (operator) => {
    const { width, terms } = POLYNOMIALS[operator];
    fc.assert(
      fc.property(word, word, (initial, value) => {
        const start = width === 32 ? initial : initial & ((1 << width) - 1);
        const octets = [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
        expect(crcRemainder(plan(operator), start, value) >>> 0).toBe(byDivision(width, terms, start, octets));
      }),
    );
  });

  test('words agree with zlib, with reflection of octets', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        const octets = Buffer.alloc(4 * words.length);
        for (const [i, value] of words.entries()) octets.writeUInt32BE(value, 4 * i);
        const remainder = words.reduce(
          (rest, value) => crcRemainder(plan('crc_32', { bitSwap: true }), rest, value),
          -1,
        );
        expect(~reflect(remainder, 32) >>> 0).toBe(crc32(octets));
      }),
    );
  });

  test.each(Object.entries(OCTET_RANGE) as [CrcBytes, readonly [number, number]][])(
    '%s feeds those octets, counted from the most significant, with crc_le from the least',
    (_, [firstOctet, octets]) => {
      const value = 0x1122_3344;
      const inOrder = [0x11, 0x22, 0x33, 0x44];
      const range = { firstOctet, octets };
      const part = (all: number[]) => Uint8Array.from(all.slice(firstOctet, firstOctet + octets));
      expect(crcRemainder(plan('crc_32', range), 7, value)).toBe(feed('crc_32', part(inOrder), 7, false));
      expect(crcRemainder(plan('crc_32', { ...range, littleEndian: true }), 7, value)).toBe(
        feed('crc_32', part([...inOrder].reverse()), 7, false),
      );
    },
  );

  test('without polynomial the word itself, put in order, is the remainder: crc_le and bit_swap reverse all bits', () => {
    fc.assert(
      fc.property(word, (value) => {
        const none = { polynomial: undefined, littleEndian: true, bitSwap: true, firstOctet: 0, octets: 4 };
        expect(crcRemainder(none, 0, value) >>> 0).toBe(reflect(value, 32));
      }),
    );
  });
});
