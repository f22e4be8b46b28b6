/**
 * A value in generated C. Up to 32 bits it is computed in 32, up to 64 in 64; wider ones are words
 * (`wide-arithmetic.ts`).
 */
export interface CValue {
  readonly text: string;
  readonly bits: number;
  /** The C expression has a signed type and keeps its sign when it is widened. */
  readonly signed?: boolean;
  /** A constant of the program: it takes the sign of what it is computed with. */
  readonly constant?: boolean;
  /** When there are more than 64 bits: 32 bits each, most significant first; `text` is the lowest 64 then. */
  readonly words?: readonly string[];
  /** Pieces of the field that the value is read from, when it is nothing else. */
  readonly pieces?: readonly { readonly access: string; readonly bits: number }[];
}

export function literal(value: bigint): CValue {
  if (value < 0n) {
    const bits = value >= -0x80000000n ? 32 : 64;
    const magnitude = `0x${(-value).toString(16)}${bits === 64 ? 'll' : ''}`;
    return { text: `(${bits === 32 ? 'int' : 'long long'})(-${magnitude})`, bits, signed: true, constant: true };
  }
  const bits = value > 0xffffffffn ? Math.max(64, value.toString(2).length) : 32;
  const low = BigInt.asUintN(64, value);
  const text = `0x${low.toString(16)}u${bits > 32 ? 'll' : ''}`;
  const plain: CValue = { text, bits, constant: true };
  if (bits <= 64) return plain;
  const count = Math.ceil(bits / 32);
  const word = (index: number): string =>
    `0x${((value >> BigInt((count - 1 - index) * 32)) & 0xffffffffn).toString(16)}u`;
  return { ...plain, words: Array.from({ length: count }, (_, index) => word(index)) };
}

/** The value as `count` words of 32 bits, most significant first: cut off above, or continued with its sign. */
export function wordsOf(value: CValue, count: number): string[] {
  const own = value.words ?? (value.bits > 32 ? [high(value.text), low(value.text)] : [`(unsigned int)${value.text}`]);
  const kept = own.slice(Math.max(own.length - count, 0));
  const fill = value.signed === true ? `(unsigned int)((int)${own[0] ?? '0'} >> 31)` : '0u';
  return [...Array.from({ length: count - kept.length }, () => fill), ...kept];
}

function high(text: string): string {
  return `(unsigned int)((unsigned long long)${text} >> 32)`;
}

function low(text: string): string {
  return `(unsigned int)${text}`;
}

/** The lowest 64 bits of some words. */
export function lowText(words: readonly string[]): string {
  const [above, below] = words.slice(-2);
  if (below === undefined) return `(unsigned long long)${above ?? '0'}`;
  return `(((unsigned long long)${above} << 32) | ${below})`;
}

/** `left < right` (or with `=`) without sign, word by word from the most significant one. */
export function wideLess(left: readonly string[], right: readonly string[], orEqual: boolean): string {
  return left.reduceRight((rest, word, index) => {
    const other = right[index] ?? '0u';
    if (rest === '') return `(${word} ${orEqual ? '<=' : '<'} ${other})`;
    return `(${word} < ${other} || (${word} == ${other} && ${rest}))`;
  }, '');
}

/** Every word equal; `mask` of the same number of words: only its bits. Words that the mask leaves out are not read. */
export function wideEqual(left: readonly string[], right: readonly string[]): string {
  return `(${left.map((word, index) => `${word} == ${right[index] ?? '0u'}`).join(' && ')})`;
}
