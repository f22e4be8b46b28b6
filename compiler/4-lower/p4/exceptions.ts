import { type P4Model, STANDARD_EXCEPTIONS } from '../../3-analyze/p4/model.ts';
import { cExpression, type ExpressionScope } from './expressions.ts';
import { hasField, writeReference } from './fields.ts';
import type { GeneratedText } from './text.ts';

/** `standard_metadata.parser_error_location`: number of the parser state, from 1 on in order of declaration. */
export function locationOf(model: P4Model, state: string): number {
  return [...model.states.keys()].indexOf(state) + 1;
}

/** Number of an exception in `standard_metadata.parser_status`. */
function statusOf(model: P4Model, name: string): number {
  return [...new Set([...STANDARD_EXCEPTIONS, ...model.exceptions.keys()])].indexOf(name) + 1;
}

/**
 * What a parser exception does (language specification 4.7): its handler, else that of `p4_pe_default`, sets metadata
 * and drops the packet or gives it to a control; without a handler the packet is dropped.
 * @param location where it happened: `locationOf` of the state, 0 behind the parser
 * @param proceed writes how the packet goes to a control
 */
export function raise(
  scope: ExpressionScope,
  name: string,
  location: number,
  proceed: (control: string) => void,
  out: GeneratedText,
): void {
  const { model } = scope;
  const handler = model.exceptions.get(name) ?? model.exceptions.get('p4_pe_default');
  if (handler?.control === undefined) {
    out.line('return -1;');
    return;
  }
  if (hasField(model, 'standard_metadata', 'parser_status')) {
    out.line(`pif_headers.standard_metadata.parser_status = ${statusOf(model, name)};`);
  }
  if (hasField(model, 'standard_metadata', 'parser_error_location')) {
    out.line(`pif_headers.standard_metadata.parser_error_location = ${location};`);
  }
  for (const { field, value } of handler.statements) {
    for (const line of writeReference(scope, field, cExpression(scope, value))) out.line(line);
  }
  proceed(handler.control.name);
}
