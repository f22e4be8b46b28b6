import type { Token } from '../../1-preprocess/token.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { TokenStream } from '../token-stream.ts';
import { actionProfile, actionSelector } from './action-profiles.ts';
import { calculatedField, calculation, fieldList, headerType, instance } from './headers.ts';
import { action, control, primitiveAction, table } from './match-action.ts';
import { parserException, parserState, valueSet } from './parser-states.ts';
import { counter, meter, register } from './stateful-objects.ts';
import type { P4Declaration, P4Program } from './tree.ts';

const DECLARATIONS: ReadonlyMap<string, (tokens: TokenStream) => P4Declaration> = new Map<
  string,
  (tokens: TokenStream) => P4Declaration
>([
  ['header_type', headerType],
  ['header', instance],
  ['metadata', instance],
  ['field_list', fieldList],
  ['field_list_calculation', calculation],
  ['calculated_field', calculatedField],
  ['parser', parserState],
  ['parser_value_set', valueSet],
  ['parser_exception', parserException],
  ['primitive_action', primitiveAction],
  ['action', action],
  ['action_profile', actionProfile],
  ['action_selector', actionSelector],
  ['counter', counter],
  ['meter', meter],
  ['register', register],
  ['table', table],
  ['control', control],
]);

/** p4_program: reads a preprocessed P4-14 file. What makes no sense is reported and left out. */
export function parseP4(tokens: readonly Token[], diagnostics: Diagnostics): P4Program {
  const stream = new TokenStream(withoutPragmas(tokens), diagnostics);
  const declarations: P4Declaration[] = [];
  while (!stream.atEnd) {
    if (stream.accept(';')) continue;
    const found = stream.recovering(() => {
      const parse = stream.current.kind === 'identifier' ? DECLARATIONS.get(stream.current.text) : undefined;
      if (parse === undefined) {
        const known = [...DECLARATIONS.keys()].join(', ');
        throw stream.fault(
          'parse-expected-declaration',
          `expected a declaration, found ${stream.describe()}`,
          `one of ${known}`,
        );
      }
      return parse(stream);
    });
    if (found !== undefined) declarations.push(found);
    // The construct that was skipped may have left its end behind.
    else while (stream.accept('}'));
  }
  return { declarations };
}

/** `#pragma` and `@pragma` lines tell other targets' compilers something; they may stand anywhere. */
function withoutPragmas(tokens: readonly Token[]): Token[] {
  const kept: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (token.kind === 'pragma') continue;
    if (token.text === '@' && tokens[at + 1]?.text === 'pragma') {
      while (tokens[at + 1]?.kind !== 'end' && tokens[at + 1]?.lineStart === false) at++;
      continue;
    }
    kept.push(token);
  }
  return kept;
}
