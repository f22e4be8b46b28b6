import type { SourcePosition } from '../../base/errors.ts';

export type TokenKind =
  | 'identifier'
  | 'number'
  | 'character'
  | 'string'
  | 'punctuator'
  /** A `#pragma` line that was passed through; `text` is what follows the word. */
  | 'pragma'
  /** A character that starts no token; the parsers refuse it. */
  | 'other'
  | 'end';

/** What is wrong with a token; it counts once the token reaches the parsers. */
export interface TokenFault {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** A preprocessing token (C99 6.4): the same for Micro-C and for P4-14, whose lexical rules it covers. */
export interface Token {
  readonly kind: TokenKind;
  /** As written, quotes and escapes included. */
  readonly text: string;
  /** Where it was written; for a token out of a macro, where the macro was used (and `spelled` says where it stands). */
  readonly position: SourcePosition;
  /** White space or a comment came before it: `#` and function-like macro definitions need to know. */
  readonly spaceBefore: boolean;
  /** First on its line: a `#` here starts a directive. */
  readonly lineStart: boolean;
  /** Macros that must not expand in it again (C99 6.10.3.4); absent in text as written. */
  readonly hidden?: ReadonlySet<string>;
  readonly fault?: TokenFault;
}
