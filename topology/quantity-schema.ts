import { z } from 'zod';
import { parseQuantity, type QuantityKind } from './quantities.ts';

/** The least value of a quantity, in base units, and how messages and editors put it; nothing is to be said of zero. */
export interface Least {
  readonly value: number;
  readonly text: string;
}

export const ZERO: Least = { value: 0, text: '' };
export const ABOVE_ZERO: Least = { value: 1, text: 'above zero' };

/** Ethernet without FCS at its MTU of 1,500 octets. Where a smaller one is the bound, large frames never pass. */
const FULL_FRAME_OCTETS = 1514;
export const FULL_FRAME: Least = { value: FULL_FRAME_OCTETS, text: `at least ${FULL_FRAME_OCTETS}B, a full frame` };

/** A quantity with its unit, in base units. */
export function quantity(kind: QuantityKind, least: Least, description: string) {
  return z
    .string({ error: kind.expected })
    .regex(kind.pattern, { error: kind.expected })
    .transform((text, context): number => {
      const value = parseQuantity(text, kind);
      if (value !== undefined && value >= least.value) return value;
      const fault = value === undefined ? 'in whole base units and at most 2^53 of them' : least.text;
      context.addIssue({ code: 'custom', message: `${kind.expected}, ${fault}` });
      return z.NEVER;
    })
    .meta({ description: least.text === '' ? description : `${description}; ${least.text}` });
}
