import type { FieldReference, P4Expression } from '../../2-parse/p4/tree.ts';
import { findP4Field } from '../../3-analyze/p4/checks.ts';
import type { P4Field, P4Model } from '../../3-analyze/p4/model.ts';

/** A value in generated C, and how many bits it needs: more than 32 makes 64-bit arithmetic. */
export interface CValue {
  readonly text: string;
  readonly bits: number;
}

/** What a name in an expression means beside fields: parameters of an action, and the header extracted last. */
export interface ExpressionScope {
  readonly model: P4Model;
  readonly latest?: string | undefined;
  readonly values?: ReadonlyMap<string, CValue>;
}

/** The value of a field, put together from its pieces. */
export function readField(instance: string, field: P4Field): CValue {
  let below = field.bits;
  const parts = field.pieces.map((piece) => {
    below -= piece.bits;
    const access = `pif_headers.${instance}.${piece.name}`;
    if (field.bits <= 32) return below === 0 ? access : `((unsigned int)${access} << ${below})`;
    return below === 0 ? `(unsigned long long)${access}` : `((unsigned long long)${access} << ${below})`;
  });
  return { text: parts.length === 1 ? `${parts[0]}` : `(${parts.join(' | ')})`, bits: field.bits };
}

/** Statements that store a value into a field, piece by piece; a wide value that is no simple one is computed once. */
export function writeField(instance: string, field: P4Field, value: CValue): string[] {
  const [only] = field.pieces;
  if (field.pieces.length === 1 && only !== undefined) return [`pif_headers.${instance}.${only.name} = ${value.text};`];
  const type = field.bits > 32 ? 'unsigned long long' : 'unsigned int';
  let below = field.bits;
  const stores = field.pieces.map((piece) => {
    below -= piece.bits;
    const shifted = below === 0 ? 'pif_value' : `(pif_value >> ${below})`;
    return `pif_headers.${instance}.${piece.name} = (unsigned int)${shifted};`;
  });
  return [`{ ${type} pif_value = ${value.text}; ${stores.join(' ')} }`];
}

export function referencedField(
  scope: ExpressionScope,
  reference: FieldReference,
): { instance: string; field: P4Field } {
  const field = findP4Field(scope.model, reference, scope.latest) as P4Field;
  return { instance: reference.instance === 'latest' ? (scope.latest ?? '') : reference.instance, field };
}

export function literal(value: bigint): CValue {
  const bits = value < 0n || value > 0xffffffffn ? 64 : 32;
  const text = `0x${BigInt.asUintN(bits, value).toString(16)}u${bits === 64 ? 'll' : ''}`;
  return { text, bits };
}

/** An expression in C: P4's numbers are unsigned and as wide as their widest operand. */
export function cExpression(scope: ExpressionScope, expression: P4Expression): CValue {
  switch (expression.kind) {
    case 'number':
      return literal(expression.value);
    case 'field': {
      const { instance, field } = referencedField(scope, expression);
      return readField(instance, field);
    }
    case 'valid': {
      const bit = scope.model.instances.get(expression.instance)?.validBit ?? 0;
      return { text: `((pif_headers.valid & 0x${(2 ** bit).toString(16)}u) != 0)`, bits: 1 };
    }
    case 'unary': {
      const operand = cExpression(scope, expression.operand);
      const operator = expression.operator === 'not' ? '!' : expression.operator;
      return { text: `(${operator}${operand.text})`, bits: operand.bits };
    }
    case 'binary': {
      const left = cExpression(scope, expression.left);
      const right = cExpression(scope, expression.right);
      const operator = expression.operator === 'or' ? '||' : expression.operator === 'and' ? '&&' : expression.operator;
      // Bit-fields promote to signed int in C; P4 compares without sign.
      const cast = /^[<>]/.test(operator) && Math.max(left.bits, right.bits) <= 32 ? '(unsigned int)' : '';
      return { text: `(${cast}${left.text} ${operator} ${right.text})`, bits: Math.max(left.bits, right.bits) };
    }
  }
}
