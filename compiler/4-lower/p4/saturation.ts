import type { GeneratedText } from './text.ts';
import type { CValue } from './values.ts';

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
