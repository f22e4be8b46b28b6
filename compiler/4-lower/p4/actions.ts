import type { Action, ActionArgument, ActionCall } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import { cExpression } from './expressions.ts';
import { readReference, writeReference } from './fields.ts';
import { generateStateCall } from './state-primitives.ts';
import type { GeneratedText } from './text.ts';
import { type CValue, literal } from './values.ts';

/** Egress port that no port has: the packet is not sent. */
export const DROP_PORT = 0xffff;

/** `static int pif_action_<name>(...)`: not zero when the lambda ended the packet's way through the pipeline. */
export function generateAction(model: P4Model, action: Action, out: GeneratedText): void {
  const parameters = action.parameters.map((name) => `unsigned long long ${parameterName(name)}`).join(', ');
  const values = new Map(
    action.parameters.map((name): [string, CValue] => [name, { text: parameterName(name), bits: 64 }]),
  );
  out.at(action.position).line(`static inline int pif_action_${action.name}(${parameters || 'void'}) {`);
  for (const call of action.calls) generateCall(model, call, values, out.at(call.position));
  out.line('return 0;').line('}');
}

function parameterName(name: string): string {
  return `pif_parameter_${name}`;
}

/** One call of an action, in the body of another or in a table. */
export function generateCall(
  model: P4Model,
  call: ActionCall,
  values: ReadonlyMap<string, CValue>,
  out: GeneratedText,
): void {
  const target = call.arguments[0];
  const value = (index: number): CValue => argumentValue(model, call.arguments[index], values);
  const write = (result: CValue): void => {
    if (target?.kind !== 'field') return;
    for (const line of writeReference({ model }, target, result)) out.line(line);
  };
  const current = (): CValue => {
    return target?.kind === 'field' ? readReference({ model }, target) : literal(0n);
  };
  const combine = (operator: string, left: CValue, right: CValue): void =>
    write({ text: `(${left.text} ${operator} ${right.text})`, bits: Math.max(left.bits, right.bits) });
  switch (call.name) {
    case 'modify_field':
      if (call.arguments.length === 3) {
        const [old, next, mask] = [current(), value(1), value(2)];
        write({ text: `((${old.text} & ~${mask.text}) | (${next.text} & ${mask.text}))`, bits: old.bits });
      } else {
        write(value(1));
      }
      return;
    case 'add_to_field':
      combine('+', current(), value(1));
      return;
    case 'subtract_from_field':
      combine('-', current(), value(1));
      return;
    case 'add':
      combine('+', value(1), value(2));
      return;
    case 'subtract':
      combine('-', value(1), value(2));
      return;
    case 'bit_and':
      combine('&', value(1), value(2));
      return;
    case 'bit_or':
      combine('|', value(1), value(2));
      return;
    case 'bit_xor':
      combine('^', value(1), value(2));
      return;
    case 'shift_left':
      combine('<<', value(1), value(2));
      return;
    case 'shift_right':
      combine('>>', value(1), value(2));
      return;
    case 'drop':
      out.line(`pif_headers.standard_metadata.egress_spec = ${DROP_PORT};`);
      return;
    case 'no_op':
      return;
    case 'add_header':
    case 'remove_header':
    case 'copy_header':
      headerPrimitive(model, call, out);
      return;
  }
  if (generateStateCall(model, call, values, out)) return;
  if (model.primitives.has(call.name)) {
    out.line(
      `{ int pif_result = pif_plugin_${call.name}(&pif_headers, &pif_match_data); if (pif_result) return pif_result; }`,
    );
  } else {
    const given = call.arguments.map((_, index) => value(index).text).join(', ');
    out.line(`{ int pif_result = pif_action_${call.name}(${given}); if (pif_result) return pif_result; }`);
  }
}

function argumentValue(
  model: P4Model,
  argument: ActionArgument | undefined,
  values: ReadonlyMap<string, CValue>,
): CValue {
  if (argument === undefined) return literal(0n);
  return cExpression({ model, values }, argument);
}

function headerPrimitive(model: P4Model, call: ActionCall, out: GeneratedText): void {
  const [first, second] = call.arguments;
  const target = first?.kind === 'name' ? model.instances.get(first.name) : undefined;
  const source = second?.kind === 'name' ? model.instances.get(second.name) : undefined;
  if (target === undefined) return;
  if (call.name === 'remove_header') {
    out.line(`pif_plugin_hdr_${target.name}_remove(&pif_headers);`);
    return;
  }
  if (call.name === 'copy_header' && source !== undefined) {
    for (const field of target.fields) {
      for (const piece of field.pieces) {
        out.line(`pif_headers.${target.name}.${piece.name} = pif_headers.${source.name}.${piece.name};`);
      }
    }
    out.line(`if (pif_plugin_hdr_${source.name}_present(&pif_headers)) {`);
    out.line(`pif_plugin_hdr_${target.name}_add(&pif_headers);`);
    out.line('} else {').line(`pif_plugin_hdr_${target.name}_remove(&pif_headers);`).line('}');
    return;
  }
  // 9: a header that was not valid comes with all its fields zero.
  out.line(`if (!pif_plugin_hdr_${target.name}_present(&pif_headers)) {`);
  for (const field of target.fields) {
    for (const piece of field.pieces) out.line(`pif_headers.${target.name}.${piece.name} = 0;`);
  }
  out.line(`pif_plugin_hdr_${target.name}_add(&pif_headers);`).line('}');
}
