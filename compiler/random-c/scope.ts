/** What a place of a random program can name. */
export interface IntegerType {
  readonly name: string;
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
}

export const TYPES: readonly IntegerType[] = ([8, 16, 32, 64] as const).flatMap((bits) => [
  { name: `int${bits}_t`, bits, signed: true },
  { name: `uint${bits}_t`, bits, signed: false },
]);

/** Of `struct record`; integers of all kinds, and bit-fields that no octet order shows of. */
export const FIELDS: readonly { readonly name: string; readonly text: string }[] = [
  'uint8_t f0',
  'int64_t f1',
  'int16_t f2',
  'uint32_t f3',
  'uint32_t b0 : 5',
  'int32_t b1 : 11',
  'uint32_t b2 : 1',
  'int32_t b3 : 31',
  'uint64_t f4',
].map((text) => ({ name: text.split(' ')[1] as string, text }));

/**
 * Bit-fields of more than 32 bits. Compilers differ in the type of an expression with one, so that they are only assigned
 * and read with a cast.
 */
export const WIDE_FIELDS: readonly { readonly name: string; readonly type: string; readonly text: string }[] = [
  { name: 'w0', type: 'uint64_t', text: 'uint64_t w0 : 40' },
  { name: 'w1', type: 'int64_t', text: 'int64_t w1 : 53' },
];

export interface Scope {
  readonly variables: { readonly name: string; readonly type: IntegerType }[];
  /** Lengths are powers of two. */
  readonly arrays: { readonly name: string; readonly type: IntegerType; readonly length: number }[];
  readonly records: { readonly name: string }[];
  /** Pointers to the first of `length` elements. */
  readonly pointers: { readonly name: string; readonly type: IntegerType; readonly length: number }[];
  readonly functions: Signature[];
}

export type ParameterKind = 'integer' | 'record' | 'record-pointer' | 'pointer';

export interface Signature {
  readonly name: string;
  readonly result: IntegerType | 'record';
  readonly parameters: readonly { readonly kind: ParameterKind; readonly type: IntegerType }[];
}
