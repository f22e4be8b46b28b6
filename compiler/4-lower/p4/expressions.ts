import type { CurrentBits, P4BinaryOperator, P4Expression } from '../../2-parse/p4/tree.ts';
import { candidates, type HeaderScope, readField, readReference, validTest } from './fields.ts';
import { type CValue, literal, wideEqual, wideLess, wordsOf } from './values.ts';
import { wideDifference, wideNot, wideProduct, wideShift, wideSum, wideValue } from './wide-arithmetic.ts';

/** What the names in an expression mean beside fields. */
export interface ExpressionScope extends HeaderScope {
  /** Parameters of the action. */
  readonly values?: ReadonlyMap<string, CValue>;
  /** The header whose fields go by their bare names. */
  readonly own?: string;
  /** Bits of the packet behind what was extracted. */
  readonly current?: (bits: CurrentBits) => CValue;
}

/**
 * An expression in C. It is computed in 32 bits, in 64 when an operand has more, and without sign unless both operands
 * have one; what a field cannot hold of the result is cut off where it is stored.
 */
export function cExpression(scope: ExpressionScope, expression: P4Expression): CValue {
  switch (expression.kind) {
    case 'number':
      return literal(expression.value);
    case 'field':
      return readReference(scope, expression);
    case 'current':
      return scope.current?.(expression) ?? literal(0n);
    case 'name':
      return scope.values?.get(expression.name) ?? ownField(scope, expression.name) ?? literal(0n);
    case 'valid': {
      const tests = candidates(scope, expression.instance).map(validTest);
      return { text: tests.length === 1 ? `${tests[0]}` : `(${tests.join(' || ') || '0'})`, bits: 1 };
    }
    case 'unary': {
      const operand = cExpression(scope, expression.operand);
      if (expression.operator === 'not') return { text: `(!${truth(operand)})`, bits: 1 };
      if (operand.words !== undefined) return wideUnary(expression.operator, operand.words, operand.bits);
      const { text, bits, signed = false, constant = false } = operand;
      // Inverting has as many bits as the field; C's integers have more.
      const cut = expression.operator === '~' && !signed && !constant && bits % 32 !== 0;
      if (cut) return { text: `(~${text} & ${literal((1n << BigInt(bits)) - 1n).text})`, bits };
      return { text: `(${expression.operator}${text})`, bits, signed };
    }
    case 'binary':
      return binary(expression.operator, cExpression(scope, expression.left), cExpression(scope, expression.right));
  }
}

/** A condition in C. */
export function cCondition(scope: ExpressionScope, expression: P4Expression): string {
  return truth(cExpression(scope, expression));
}

function truth({ text, words }: CValue): string {
  return words === undefined ? text : `((${words.join(' | ')}) != 0)`;
}

function ownField(scope: ExpressionScope, name: string): CValue | undefined {
  const field = scope.model.instances.get(scope.own ?? '')?.fields.find((each) => each.name === name);
  return field === undefined ? undefined : readField(scope.own ?? '', field);
}

/** Inverting has as many bits as the field. */
function wideUnary(operator: '~' | '-', words: readonly string[], bits: number): CValue {
  if (operator === '-') {
    const zeros = words.map(() => '0u');
    return wideValue(wideDifference(zeros, words), bits);
  }
  const [top, ...others] = wideNot(words);
  const cut = bits % 32 === 0 ? `${top}` : `(${top} & 0x${(2 ** (bits % 32) - 1).toString(16)}u)`;
  return wideValue([cut, ...others], bits);
}

/** What an operator of P4 gives for two values. */
export function binary(operator: P4BinaryOperator, left: CValue, right: CValue): CValue {
  const bits = Math.max(left.bits, right.bits);
  if (operator === 'or' || operator === 'and') {
    return { text: `(${truth(left)} ${operator === 'or' ? '||' : '&&'} ${truth(right)})`, bits: 1 };
  }
  if (operator === '<<' || operator === '>>') return shift(operator, left, right);
  if (bits > 64) return wideBinary(operator, left, right, bits);
  const signed =
    (left.signed === true || right.signed === true) &&
    (left.signed === true || left.constant === true) &&
    (right.signed === true || right.constant === true);
  // Bit-fields promote to signed int in C; P4 compares and shifts without sign unless the fields have one.
  const type = `${signed ? '' : 'unsigned '}${bits > 32 ? 'long long' : 'int'}`;
  if (/^[<>]=?$/.test(operator)) {
    const other = signed ? `(${type})` : '';
    return { text: `((${type})${left.text} ${operator} ${other}${right.text})`, bits: 1 };
  }
  if (operator === '==' || operator === '!=') return { text: `(${left.text} ${operator} ${right.text})`, bits: 1 };
  return { text: `(${left.text} ${operator} ${right.text})`, bits, signed };
}

/** Shifting by as many bits as there are gives nothing in P4, and anything in C. */
function shift(operator: '<<' | '>>', left: CValue, right: CValue): CValue {
  if (left.words !== undefined) return wideValue(wideShift(operator, left.words, right), left.bits);
  const width = left.bits > 32 ? 64 : 32;
  const signed = left.signed === true;
  const type = `${signed && operator === '>>' ? '' : 'unsigned '}${width === 64 ? 'long long' : 'int'}`;
  const amount = right.constant === true ? Number.parseInt(right.text, 16) : undefined;
  const text = `((${type})${left.text} ${operator} ${right.text})`;
  const bits = left.bits;
  if (amount !== undefined) return { text: amount < width ? text : '0u', bits, signed };
  const limited = `((${type})${left.text} ${operator} (unsigned int)${right.text})`;
  const tooMuch = right.words === undefined ? '' : `(${right.words.slice(0, -2).join(' | ')}) == 0 && `;
  return { text: `(${tooMuch}${right.text} < ${width} ? ${limited} : 0)`, bits, signed };
}

function wideBinary(operator: P4BinaryOperator, left: CValue, right: CValue, bits: number): CValue {
  const count = Math.ceil(bits / 32);
  const a = wordsOf(left, count);
  const b = wordsOf(right, count);
  switch (operator) {
    case '==':
      return { text: wideEqual(a, b), bits: 1 };
    case '!=':
      return { text: `(!${wideEqual(a, b)})`, bits: 1 };
    case '<':
    case '<=':
      return { text: wideLess(a, b, operator === '<='), bits: 1 };
    case '>':
    case '>=':
      return { text: wideLess(b, a, operator === '>='), bits: 1 };
    case '+':
      return wideValue(wideSum(a, b), bits);
    case '-':
      return wideValue(wideDifference(a, b), bits);
    case '*':
      // Fewer rows to add when the shorter factor makes them.
      return wideValue(left.bits < right.bits ? wideProduct(b, a) : wideProduct(a, b), bits);
    default:
      return wideValue(
        a.map((word, index) => `(${word} ${operator} ${b[index] ?? '0u'})`),
        bits,
      );
  }
}

/**
 * C condition: the value is `value`, under a mask only in its bits; for keys of select and of tables, of any width.
 */
export function matches(read: CValue, value: bigint, mask: bigint | undefined): string {
  if (read.words === undefined) {
    if (mask === undefined) return `${read.text} == ${literal(value).text}`;
    return `(${read.text} & ${literal(mask).text}) == ${literal(value & mask).text}`;
  }
  const count = read.words.length;
  const tests = read.words.flatMap((word, index) => {
    const below = BigInt((count - 1 - index) * 32);
    const wanted = (value >> below) & 0xffffffffn;
    const kept = mask === undefined ? 0xffffffffn : (mask >> below) & 0xffffffffn;
    if (kept === 0n) return [];
    const masked = kept === 0xffffffffn ? word : `(${word} & ${literal(kept).text})`;
    return [`${masked} == ${literal(wanted & kept).text}`];
  });
  return tests.length === 0 ? '1' : tests.join(' && ');
}
