import type { MemoryName, Operand, Register } from '../../ir.ts';

/** What an expression gives: nothing, a word, two words, or an address. Values below 32 bits are kept extended. */
export type Value =
  | { readonly kind: 'none' }
  | { readonly kind: 'word'; readonly operand: Operand }
  | { readonly kind: 'pair'; readonly low: Operand; readonly high: Operand }
  /** A pointer: the place that it points to. */
  | { readonly kind: 'pointer'; readonly place: Place };

/**
 * Where an object lies. What is known when compiling stays known: a member of a structure in local memory is a constant
 * index, however many pointers lead there. `octets` is the constant part of the offset.
 */
export type Place =
  | RegisterPlace
  | LocalPlace
  | TransferPlace
  | { readonly kind: 'object'; readonly object: string; readonly base: Operand | undefined; readonly octets: number }
  /** A 32-bit address in CLS or CTM of the core's own island. */
  | { readonly kind: 'near'; readonly memory: MemoryName; readonly base: Operand; readonly octets: number }
  /** A 40-bit address; `high` holds bits 39..32. */
  | { readonly kind: 'wide'; readonly high: Operand; readonly low: Operand; readonly octets: number };

/** A scalar in general-purpose registers; `high` for 64-bit integers and 40-bit addresses. */
export interface RegisterPlace {
  readonly kind: 'register';
  readonly low: Register;
  readonly high: Register | undefined;
}

export interface LocalPlace {
  readonly kind: 'local';
  /** Absent: `base` is an octet address in the core's local memory. */
  readonly local: number | undefined;
  /** Variable parts of the offset, in words and in octets. */
  readonly words: Operand | undefined;
  readonly base: Operand | undefined;
  readonly octets: number;
}

export interface TransferPlace {
  readonly kind: 'transfer';
  readonly group: number;
  readonly side: 'in' | 'out' | 'both';
  readonly words: Operand | undefined;
  readonly octets: number;
}

export const NONE: Value = { kind: 'none' };

export function word(operand: Operand): Value {
  return { kind: 'word', operand };
}
