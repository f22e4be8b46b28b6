import type { Token } from './token.ts';

export function isPunctuator(token: Token | undefined, text: string): boolean {
  return token?.kind === 'punctuator' && token.text === text;
}

/** Index of the `)` that closes the `(` at `open`; the length of the list when none does. */
export function closingOf(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (isPunctuator(tokens[i], '(')) depth++;
    if (isPunctuator(tokens[i], ')') && --depth === 0) return i;
  }
  return tokens.length;
}

/** Whether `( ... )` follows the token at `at`. */
export function hasParentheses(tokens: readonly Token[], at: number): boolean {
  return isPunctuator(tokens[at + 1], '(') && closingOf(tokens, at + 1) < tokens.length;
}
