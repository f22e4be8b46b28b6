import type { SourcePosition } from '../../base/errors.ts';
import { hasParentheses, isPunctuator } from './parentheses.ts';
import type { Token } from './token.ts';

export interface Macro {
  readonly name: string;
  /** Absent for an object-like macro. The last one of a variadic macro is `__VA_ARGS__`, or its GNU name (`args...`). */
  readonly parameters: readonly string[] | undefined;
  readonly variadic: boolean;
  readonly body: readonly Token[];
  readonly position: SourcePosition;
}

export interface DefinitionFault {
  readonly position: SourcePosition;
  readonly message: string;
}

/**
 * C99 6.10.3: the macro of `#define name ...`.
 * @param name of kind identifier
 * @param rest what follows it on the line
 */
export function readDefinition(name: Token, rest: readonly Token[]): Macro | DefinitionFault {
  const position = name.position;
  const macro = { name: name.text, position };
  const [open] = rest;
  if (!isPunctuator(open, '(') || open?.spaceBefore === true) {
    return checked({ ...macro, parameters: undefined, variadic: false, body: rest });
  }
  const close = rest.findIndex((token) => isPunctuator(token, ')'));
  const list = close < 0 ? undefined : readParameters(rest.slice(1, close));
  if (list === undefined) return { position, message: `bad parameter list of macro ${name.text}` };
  return checked({ ...macro, ...list, body: rest.slice(close + 1) });
}

/** 6.10.3p1 and p2: what a second definition has to agree in with the first. */
export function isSameDefinition(a: Macro, b: Macro): boolean {
  if (a.parameters?.join() !== b.parameters?.join() || a.variadic !== b.variadic) return false;
  return spell(a.body) === spell(b.body);
}

/** Tokens as they were written, white space as one blank. */
export function spell(tokens: readonly Token[]): string {
  return tokens.map((token, i) => (i > 0 && token.spaceBefore ? ' ' : '') + token.text).join('');
}

function readParameters(tokens: readonly Token[]): { parameters: string[]; variadic: boolean } | undefined {
  const parameters: string[] = [];
  for (let i = 0; i < tokens.length; i += 2) {
    const token = tokens[i] as Token;
    const comma = tokens[i + 1];
    if (token.text === '...' && comma === undefined) {
      return { parameters: [...parameters, '__VA_ARGS__'], variadic: true };
    }
    if (token.kind !== 'identifier' || parameters.includes(token.text) || token.text.startsWith('__VA_'))
      return undefined;
    parameters.push(token.text);
    if (comma?.text === '...' && i + 2 === tokens.length) return { parameters, variadic: true };
    if (comma !== undefined && (comma.text !== ',' || i + 2 >= tokens.length)) return undefined;
  }
  return { parameters, variadic: false };
}

/** 6.10.3.2, 6.10.3.3: operators stand where they have operands. */
function checked(macro: Macro): Macro | DefinitionFault {
  const { body, parameters } = macro;
  for (const end of [body[0], body.at(-1)]) {
    if (end !== undefined && isPunctuator(end, '##')) {
      return { position: end.position, message: '## must stand between two tokens' };
    }
  }
  for (const [i, token] of body.entries()) {
    const { position } = token;
    if (parameters !== undefined && isPunctuator(token, '#') && !isStringifiable(macro, body[i + 1])) {
      return { position, message: '# must stand before a parameter of the macro' };
    }
    if (token.text === '__VA_ARGS__' && parameters?.at(-1) !== '__VA_ARGS__') {
      return { position, message: '__VA_ARGS__ stands for the arguments of a macro with ...' };
    }
    if (token.text === '__VA_OPT__' && !(macro.variadic && hasParentheses(body, i))) {
      return { position, message: '__VA_OPT__ needs a macro with ... and text in parentheses' };
    }
  }
  return macro;
}

function isStringifiable(macro: Macro, token: Token | undefined): boolean {
  if (token?.kind !== 'identifier') return false;
  return macro.parameters?.includes(token.text) === true || (macro.variadic && token.text === '__VA_OPT__');
}
