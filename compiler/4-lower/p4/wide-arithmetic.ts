import type { GeneratedText } from './text.ts';
import { type CValue, lowText } from './values.ts';

/** The functions that carry from word to word; those that nothing calls cost nothing. */
export function generateWideArithmetic(out: GeneratedText): void {
  out.line('static inline unsigned int pif_carry(unsigned int left, unsigned int right, unsigned int carry) {');
  out.line('unsigned int sum = left + right;').line('return (sum < left) | (sum + carry < sum);').line('}');
  out.line('static inline unsigned int pif_product(unsigned int left, unsigned int right, unsigned int carry) {');
  out.line('return (unsigned int)(((unsigned long long)left * right + carry) >> 32);').line('}');
  out.line('static inline unsigned int pif_up(unsigned int upper, unsigned int lower, unsigned int bits) {');
  out.line('return bits == 0 ? upper : (upper << bits) | (lower >> (32 - bits));').line('}');
  out.line('static inline unsigned int pif_down(unsigned int upper, unsigned int lower, unsigned int bits) {');
  out.line('return bits == 0 ? lower : (lower >> bits) | (upper << (32 - bits));').line('}');
}

/** All of these take and give as many words of 32 bits as the result has, most significant first. */
type Words = readonly string[];

export function wideSum(left: Words, right: Words): string[] {
  return sumWithCarry(left, right, '0u');
}

export function wideDifference(left: Words, right: Words): string[] {
  return sumWithCarry(left, wideNot(right), '1u');
}

export function wideNot(words: Words): string[] {
  return words.map((word) => `(~(unsigned int)${word})`);
}

function sumWithCarry(left: Words, right: Words, first: string): string[] {
  let carry = first;
  const sum: string[] = [];
  for (let index = left.length - 1; index >= 0; index--) {
    // Pieces of fields are bit-fields, which C would compute with as signed integers.
    const [a, b] = [`(unsigned int)${left[index]}`, `(unsigned int)${right[index]}`];
    sum.unshift(carry === '0u' ? `(${a} + ${b})` : `(${a} + ${b} + ${carry})`);
    carry = `pif_carry(${a}, ${b}, ${carry})`;
  }
  return sum;
}

/** The text grows with the square of the factors' words: see the limit in the checks of expressions. */
export function wideProduct(left: Words, right: Words): string[] {
  const rows = right.toReversed().flatMap((factor, place) => (isZero(factor) ? [] : [row(left, factor, place)]));
  const [first, ...others] = rows;
  return others.reduce((sum, each) => wideSum(sum, each), first ?? left.map(() => '0u'));
}

function row(left: Words, factor: string, place: number): string[] {
  let carry = '0u';
  const words: string[] = [];
  for (let index = left.length - 1; index >= place; index--) {
    const word = `(unsigned int)${left[index]}`;
    words.unshift(`(${word} * (unsigned int)${factor} + ${carry})`);
    carry = `pif_product(${word}, ${factor}, ${carry})`;
  }
  return [...words, ...Array.from({ length: place }, () => '0u')];
}

function isZero(word: string): boolean {
  return /^(0u|0x0u)$/.test(word);
}

/** @param amount bits, any number: all and more leave nothing */
export function wideShift(operator: '<<' | '>>', words: Words, amount: CValue): string[] {
  const count = words.length;
  const constant = amount.constant === true ? Number.parseInt(amount.text, 16) : undefined;
  const bits = amountText(amount, count * 32);
  /** The word `distance` words further from the end at which the shift takes words away. */
  const from = (index: number, distance: number): string =>
    words[operator === '<<' ? index + distance : index - distance] ?? '0u';
  return words.map((_, index) => {
    const moved = (extra: number): string => {
      if (constant !== undefined) return from(index, Math.floor(constant / 32) + extra);
      const choices = Array.from({ length: count }, (_, distance) => from(index, distance + extra));
      return choices.reduceRight(
        (rest, word, distance) =>
          word === '0u' && rest === '0u' ? rest : `(${bits} >> 5 == ${distance} ? ${word} : ${rest})`,
        '0u',
      );
    };
    const [near, far] = [moved(0), moved(1)];
    const within = constant === undefined ? `(${bits} & 31)` : `${constant % 32}`;
    return operator === '<<' ? `pif_up(${near}, ${far}, ${within})` : `pif_down(${far}, ${near}, ${within})`;
  });
}

/** A shift amount in 32 bits; what is too large for them is too large for every value. */
function amountText(amount: CValue, most: number): string {
  if (amount.bits <= 32) return `(unsigned int)${amount.text}`;
  if (amount.words === undefined) return `(${amount.text} < ${most} ? (unsigned int)${amount.text} : ${most}u)`;
  const high = amount.words.slice(0, -1).join(' | ');
  return `((${high}) == 0 ? (unsigned int)${amount.words.at(-1)} : ${most}u)`;
}

export function wideValue(words: Words, bits: number): CValue {
  return { text: lowText(words), bits, words };
}
