import type { Action, ActionArgument, ActionCall, P4BinaryOperator } from '../../2-parse/p4/tree.ts';
import type { P4Field, P4Model } from '../../3-analyze/p4/model.ts';
import { PRIMITIVES } from '../../3-analyze/p4/primitives.ts';
import { findP4Field } from '../../3-analyze/p4/references.ts';
import { binary, cExpression } from './expressions.ts';
import { readReference, writeReference } from './fields.ts';
import { generateHeaderPrimitive } from './header-primitives.ts';
import { generateSaturation, generateWideSaturation } from './saturation.ts';
import { generateStateCall } from './state-primitives.ts';
import type { GeneratedText } from './text.ts';
import { type CValue, literal, lowText, wordsOf } from './values.ts';
import { wideValue } from './wide-arithmetic.ts';

/** Egress port that no port has: the packet is not sent. */
export const DROP_PORT = 0xffff;

/** `static int pif_action_<name>(...)`: not zero when the lambda ended the packet's way through the pipeline. */
export function generateAction(model: P4Model, action: Action, out: GeneratedText): void {
  const widths = parameterBits(model, action);
  const values = new Map(
    action.parameters.map((name, index): [string, CValue] => [name, parameterValue(name, widths[index] ?? 64)]),
  );
  const parameters = action.parameters.flatMap((name) => {
    const { text, words } = values.get(name) as CValue;
    return words === undefined ? [`unsigned long long ${text}`] : words.map((word) => `unsigned int ${word}`);
  });
  out.at(action.position).line(`static inline int pif_action_${action.name}(${parameters.join(', ') || 'void'}) {`);
  for (const call of action.calls) generateCall(model, call, values, out.at(call.position));
  out.line('return 0;').line('}');
}

function parameterValue(name: string, bits: number): CValue {
  const text = `pif_parameter_${name}`;
  if (bits <= 64) return { text, bits: 64 };
  const words = Array.from({ length: Math.ceil(bits / 32) }, (_, index) => `${text}_${index}`);
  return { text: lowText(words), bits, words };
}

/** How many bits each parameter of an action has: 64, or as many as the widest field that it is stored in. */
export function parameterBits(model: P4Model, action: Action): number[] {
  return action.parameters.map((name) =>
    Math.max(
      64,
      ...action.calls.flatMap((call) =>
        call.arguments.flatMap((argument, index) => {
          if (argument.kind !== 'name' || argument.name !== name) return [];
          const called = model.actions.get(call.name);
          if (called !== undefined) return [parameterBits(model, called)[index] ?? 64];
          return PRIMITIVES.get(call.name)?.arguments[index] === 'value' ? [targetField(model, call)?.bits ?? 64] : [];
        }),
      ),
    ),
  );
}

function targetField(model: P4Model, call: ActionCall): P4Field | undefined {
  const target = call.arguments[0];
  return target?.kind === 'field' ? findP4Field(model, target, undefined) : undefined;
}

/** Primitives that compute, by the operator that they are in an expression. */
const OPERATORS: ReadonlyMap<string, P4BinaryOperator> = new Map<string, P4BinaryOperator>([
  ['add_to_field', '+'],
  ['subtract_from_field', '-'],
  ['add', '+'],
  ['subtract', '-'],
  ['bit_and', '&'],
  ['bit_or', '|'],
  ['bit_xor', '^'],
  ['shift_left', '<<'],
  ['shift_right', '>>'],
]);

/** One call of an action, in the body of another or in a table. */
export function generateCall(
  model: P4Model,
  call: ActionCall,
  values: ReadonlyMap<string, CValue>,
  out: GeneratedText,
): void {
  const called = model.actions.get(call.name);
  if (called !== undefined) {
    const given = parameterBits(model, called).flatMap((bits, index) => {
      const value = argumentValue(model, call.arguments[index], values);
      return bits > 64 ? wordsOf(value, Math.ceil(bits / 32)) : [value.text];
    });
    out.line(`{ int pif_result = pif_action_${call.name}(${given.join(', ')}); if (pif_result) return pif_result; }`);
    return;
  }
  if (model.primitives.has(call.name)) {
    const plugin = `pif_plugin_${call.name}(&pif_headers, &pif_match_data)`;
    out.line(`{ int pif_result = ${plugin}; if (pif_result) return pif_result; }`);
    return;
  }
  const operator = OPERATORS.get(call.name);
  if (operator !== undefined) compute(model, call, operator, values, out);
  else if (call.name === 'modify_field') {
    const [, value, mask] = call.arguments;
    modifyField(model, call, argumentValue(model, value, values), mask, values, out);
  } else if (call.name === 'modify_field_with_shift') {
    const [, value, amount, mask] = call.arguments;
    const moved = binary('>>', argumentValue(model, value, values), argumentValue(model, amount, values));
    modifyField(model, call, moved, mask, values, out);
  } else if (call.name === 'drop') out.line(`pif_headers.standard_metadata.egress_spec = ${DROP_PORT};`);
  else if (call.name !== 'no_op' && !generateHeaderPrimitive(model, call, out)) {
    generateStateCall(model, call, values, out);
  }
}

function modifyField(
  model: P4Model,
  call: ActionCall,
  value: CValue,
  mask: ActionArgument | undefined,
  values: ReadonlyMap<string, CValue>,
  out: GeneratedText,
): void {
  const [target] = call.arguments;
  if (target?.kind !== 'field') return;
  let result = value;
  if (mask !== undefined) {
    const bits = targetField(model, call)?.bits ?? 32;
    const kept = argumentValue(model, mask, values);
    // Inside the field's width alone: what is above is cut off when it is stored.
    const isConstant = mask.kind === 'number';
    const others = isConstant
      ? literal(~mask.value & ((1n << BigInt(bits)) - 1n))
      : binary('^', kept, literal((1n << BigInt(bits)) - 1n));
    result = binary('|', binary('&', readReference({ model }, target), others), binary('&', result, kept));
  }
  for (const line of writeReference({ model }, target, result)) out.line(line);
}

function compute(
  model: P4Model,
  call: ActionCall,
  operator: P4BinaryOperator,
  values: ReadonlyMap<string, CValue>,
  out: GeneratedText,
): void {
  const [target, first, second] = call.arguments;
  const field = targetField(model, call);
  if (target?.kind !== 'field' || field === undefined) return;
  const onField = second === undefined;
  const left = widened(onField ? readReference({ model }, target) : argumentValue(model, first, values), field.bits);
  const right = argumentValue(model, onField ? first : second, values);
  const saturates = field.saturating && (operator === '+' || operator === '-');
  if (!saturates) {
    for (const line of writeReference({ model }, target, binary(operator, left, right))) out.line(line);
    return;
  }
  // 2.1: a saturating field stops at the ends of what it can hold.
  if (field.bits > 64) {
    const result = generateWideSaturation(operator, left, right, field.bits, out);
    for (const line of writeReference({ model }, target, result)) out.line(line);
    out.line('}');
    return;
  }
  if (field.bits === 64) {
    generateSaturation(operator, left, right, field.signed, out);
    for (const line of writeReference({ model }, target, { text: 'pif_exact', bits: 64 })) out.line(line);
    out.line('}');
    return;
  }
  const most = (1n << BigInt(field.signed ? field.bits - 1 : field.bits)) - 1n;
  const least = field.signed ? `(-0x${most.toString(16)}ll - 1)` : '0ll';
  out.line('{').line(`long long pif_exact = (long long)${left.text} ${operator} (long long)${right.text};`);
  out
    .line(`if (pif_exact > 0x${most.toString(16)}ll) {`)
    .line(`pif_exact = 0x${most.toString(16)}ll;`)
    .line('}');
  out.line(`if (pif_exact < ${least}) {`).line(`pif_exact = ${least};`).line('}');
  for (const line of writeReference({ model }, target, { text: 'pif_exact', bits: 64 })) out.line(line);
  out.line('}');
}

/** Computing for a field of more than 32 bits keeps what leaves the lower 32. */
function widened(value: CValue, bits: number): CValue {
  if (bits > 64 && value.bits <= 64) return wideValue(wordsOf(value, Math.ceil(bits / 32)), bits);
  if (bits <= 32 || value.bits > 32) return value;
  const type = value.signed === true ? 'long long' : 'unsigned long long';
  return { text: `(${type})${value.text}`, bits: 64, ...(value.signed === true ? { signed: true } : {}) };
}

function argumentValue(
  model: P4Model,
  argument: ActionArgument | undefined,
  values: ReadonlyMap<string, CValue>,
): CValue {
  if (argument === undefined) return literal(0n);
  return cExpression({ model, values }, argument);
}
