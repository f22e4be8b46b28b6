import type { GeneratedText } from './text.ts';
import { type CValue, wordsOf } from './values.ts';
import { wideDifference, wideSum, wideValue } from './wide-arithmetic.ts';

/**
 * Opens a block in which `pif_exact` is the sum or difference for a saturating field of 64 bits, for which no wider type
 * of C shows the overflow: the carry of numbers without sign, the signs of those with one.
 */
export function generateSaturation(
  operator: string,
  left: CValue,
  right: CValue,
  signed: boolean,
  out: GeneratedText,
): void {
  const extended = `(unsigned long long)${right.signed === true ? `(long long)${right.text}` : right.text}`;
  out.line('{').line(`unsigned long long pif_first = (unsigned long long)${left.text};`);
  out.line(`unsigned long long pif_second = ${extended};`);
  out.line(`unsigned long long pif_exact = pif_first ${operator} pif_second;`);
  if (signed) {
    const other = operator === '+' ? 'pif_second' : '~pif_second';
    out.line(`if (((~(pif_first ^ ${other}) & (pif_first ^ pif_exact)) >> 63) != 0) {`);
    out.line('pif_exact = (pif_first >> 63) + 0x7fffffffffffffffull;').line('}');
    return;
  }
  // A negative number that is added is taken away.
  const takes = right.signed === true ? `((pif_second >> 63) ${operator === '+' ? '!=' : '=='} 0)` : undefined;
  const under = 'pif_exact > pif_first';
  const over = 'pif_exact < pif_first';
  const stop = (condition: string, end: string): void => {
    out.line(`if (${condition}) {`).line(`pif_exact = ${end};`).line('}');
  };
  if (takes === undefined) {
    if (operator === '+') stop(over, '0xffffffffffffffffull');
    else stop(under, '0');
    return;
  }
  out.line(`if (${takes}) {`);
  stop(under, '0');
  out.line('}').line('else {');
  stop(over, '0xffffffffffffffffull');
  out.line('}');
}

/**
 * The same for a field of more than 64 bits without sign: in a word more, whose sign shows that it went below zero.
 * @returns the value, in the block that is opened
 */
export function generateWideSaturation(
  operator: string,
  left: CValue,
  right: CValue,
  bits: number,
  out: GeneratedText,
): CValue {
  const count = Math.ceil(bits / 32);
  const [a, b] = [wordsOf(left, count + 1), wordsOf(right, count + 1)];
  const exact = operator === '+' ? wideSum(a, b) : wideDifference(a, b);
  const names = exact.map((_, index) => `pif_exact_${index}`);
  out.line('{');
  for (const [index, word] of exact.entries()) out.line(`unsigned int ${names[index]} = ${word};`);
  const [beyond, top, ...others] = names;
  const spare = bits % 32;
  const most = spare === 0 ? '0xffffffffu' : `0x${(2 ** spare - 1).toString(16)}u`;
  const setAll = (first: string, rest: string): string =>
    [`${top} = ${first};`, ...others.map((name) => `${name} = ${rest};`)].join(' ');
  out.line(`if ((int)${beyond} < 0) {`).line(setAll('0', '0')).line('}');
  const over = spare === 0 ? `${beyond} != 0` : `(${beyond} | (${top} >> ${spare})) != 0`;
  out.line(`else if (${over}) {`).line(setAll(most, '0xffffffffu')).line('}');
  return wideValue(names.slice(1), bits);
}
