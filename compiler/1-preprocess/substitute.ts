import type { Macro } from './definition.ts';
import { closingOf, hasParentheses, isPunctuator } from './parentheses.ts';
import type { Token } from './token.ts';

/** What the substitution of a macro's body needs of whoever expands. */
export interface Substitution {
  /** Expands an argument as if it were the rest of the file. */
  expand(argument: readonly Token[]): Token[];
  /** One token of two; undefined, and reported, when they make none. */
  paste(left: Token, right: Token): Token | undefined;
}

/** A piece of the body: a token, or what stands for a parameter or for `__VA_OPT__`, before and after expansion. */
interface Piece {
  readonly token: Token;
  readonly raw: readonly Token[] | undefined;
  /** Given only when it is asked for: an operand of `#` or `##` is never expanded. */
  readonly expanded: (() => readonly Token[]) | undefined;
  /** How many tokens of the body it takes. */
  readonly length: number;
}

/** C99 6.10.3.1 to 6.10.3.3, with GNU's `, ## __VA_ARGS__` and C23's `__VA_OPT__`: arguments, `#`, `##`. */
export function substitute(macro: Macro, call: readonly Token[][], rules: Substitution): Token[] {
  const expandedCall: (readonly Token[])[] = [];
  const expandedArgument = (index: number): readonly Token[] => {
    expandedCall[index] ??= rules.expand(call[index] ?? []);
    return expandedCall[index];
  };
  const hasVariable = (): boolean =>
    macro.variadic && expandedArgument((macro.parameters?.length ?? 1) - 1).some((token) => !isPlacemarker(token));
  return bodyOf(macro.body);

  function pieceAt(body: readonly Token[], at: number): Piece {
    const token = body[at] as Token;
    if (token.kind !== 'identifier' || macro.parameters === undefined) {
      return { token, raw: undefined, expanded: undefined, length: 1 };
    }
    if (token.text === '__VA_OPT__' && macro.variadic && hasParentheses(body, at)) {
      const close = closingOf(body, at + 1);
      const content = hasVariable() ? bodyOf(body.slice(at + 2, close)) : [];
      return { token, raw: content, expanded: () => content, length: close - at + 1 };
    }
    const index = macro.parameters.indexOf(token.text);
    if (index < 0) return { token, raw: undefined, expanded: undefined, length: 1 };
    return { token, raw: call[index] ?? [], expanded: () => expandedArgument(index), length: 1 };
  }

  function bodyOf(body: readonly Token[]): Token[] {
    const result: Token[] = [];
    for (let at = 0; at < body.length; ) {
      const token = body[at] as Token;
      if (isPunctuator(token, '#') && macro.parameters !== undefined && at + 1 < body.length) {
        const piece = pieceAt(body, at + 1);
        result.push(stringify(piece.raw ?? [piece.token], token));
        at += 1 + piece.length;
      } else if (isPunctuator(token, '##') && at > 0 && at + 1 < body.length) {
        at = pasteFrom(body, at, result);
      } else {
        const piece = pieceAt(body, at);
        at += piece.length;
        const pastes = isPunctuator(body[at], '##');
        append(result, piece, (pastes ? piece.raw : piece.expanded?.()) ?? [piece.token]);
      }
    }
    return result.filter((token) => !isPlacemarker(token));
  }

  /** The right operand of a `##` that stands at `at`; answers where the body goes on. */
  function pasteFrom(body: readonly Token[], at: number, result: Token[]): number {
    const operator = body[at + 1] as Token;
    const stringifies = isPunctuator(operator, '#') && macro.parameters !== undefined && at + 2 < body.length;
    const piece = pieceAt(body, stringifies ? at + 2 : at + 1);
    const right = stringifies ? [stringify(piece.raw ?? [piece.token], operator)] : (piece.raw ?? [piece.token]);
    const end = at + 1 + piece.length + (stringifies ? 1 : 0);
    const left = result.at(-1);
    const isVariable = macro.variadic && piece.token.text === macro.parameters?.at(-1);
    if (isVariable && isPunctuator(body[at - 1], ',')) {
      // GNU: the comma before variable arguments that are left out goes with them, and to others it is not pasted.
      if (call.length < (macro.parameters?.length ?? 0)) result.pop();
      else append(result, piece, right);
      return end;
    }
    const first = right.find((token) => !isPlacemarker(token));
    if (left === undefined || first === undefined) return end;
    const rest = right.slice(right.indexOf(first) + 1);
    result.pop();
    if (isPlacemarker(left)) result.push({ ...first, spaceBefore: left.spaceBefore });
    else {
      const pasted = rules.paste(left, first);
      if (pasted === undefined) result.push(left, first);
      else result.push(pasted);
    }
    result.push(...rest);
    return end;
  }
}

/** `tokens` at the place of a piece; none leave a placemarker behind, for `##` to meet. */
function append(result: Token[], { token }: Piece, tokens: readonly Token[]): void {
  if (tokens.length === 0) result.push({ ...token, kind: 'other', text: '' });
  const [first, ...rest] = tokens;
  if (first === undefined) return;
  // Behind a piece that came to nothing its white space is left.
  const owed = isPlacemarker(result.at(-1)) && result.at(-1)?.spaceBefore === true;
  result.push({ ...first, spaceBefore: token.spaceBefore || owed }, ...rest);
}

/** 6.10.3.2 */
function stringify(tokens: readonly Token[], at: Token): Token {
  const text = tokens
    .map((token, index) => {
      const escaped = /string|character/.test(token.kind) ? token.text.replace(/[\\"]/g, '\\$&') : token.text;
      return (index > 0 && (token.spaceBefore || token.lineStart) ? ' ' : '') + escaped;
    })
    .join('');
  return { ...at, kind: 'string', text: `"${text}"` };
}

function isPlacemarker(token: Token | undefined): boolean {
  return token?.kind === 'other' && token.text === '';
}
