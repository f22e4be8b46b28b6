import type { SourcePosition } from '../../base/errors.ts';
import type { Token } from '../1-preprocess/token.ts';
import type { Diagnostics } from '../diagnostics.ts';

/**
 * Thrown inside a parser to leave a construct that makes no sense, and caught by the nearest enclosing list (of
 * declarations, of statements), which skips to a place where it can go on. It never leaves the parser.
 */
export class SyntaxFault extends Error {
  override name = 'SyntaxFault';
}

/** Nesting beyond this is a garbled file; a recursive descent would exhaust the stack on it. */
const MAX_NESTING = 256;

/** The tokens of a translation unit with one cursor: what every recursive-descent function works on. */
export class TokenStream {
  readonly diagnostics: Diagnostics;
  private readonly tokens: readonly Token[];
  private at = 0;
  private nesting = 0;

  /** @param tokens end with a token of kind `end` */
  constructor(tokens: readonly Token[], diagnostics: Diagnostics) {
    this.tokens = tokens;
    this.diagnostics = diagnostics;
  }

  get current(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)] as Token;
  }

  get position(): SourcePosition {
    return this.current.position;
  }

  peek(distance = 1): Token {
    return this.tokens[Math.min(this.at + distance, this.tokens.length - 1)] as Token;
  }

  get atEnd(): boolean {
    return this.current.kind === 'end';
  }

  next(): Token {
    const token = this.current;
    if (!this.atEnd) this.at++;
    return token;
  }

  is(text: string): boolean {
    const { kind } = this.current;
    return this.current.text === text && (kind === 'punctuator' || kind === 'identifier');
  }

  accept(text: string): Token | undefined {
    return this.is(text) ? this.next() : undefined;
  }

  /** @throws SyntaxFault when another token is there; the error is reported at it */
  expect(text: string, after: string): Token {
    if (this.is(text)) return this.next();
    throw this.fault('parse-expected-token', `expected ${text} ${after}, found ${this.describe()}`);
  }

  expectIdentifier(what: string): Token {
    if (this.current.kind === 'identifier') return this.next();
    throw this.fault('parse-expected-name', `expected ${what}, found ${this.describe()}`);
  }

  describe(): string {
    const { kind, text } = this.current;
    if (kind === 'end') return 'the end of the file';
    if (kind === 'pragma') return `#pragma ${text}`;
    return text;
  }

  /** Reports at the current token and gives the fault to throw. */
  fault(code: string, message: string, hint?: string): SyntaxFault {
    this.diagnostics.error(code, this.position, message, hint);
    return new SyntaxFault(message);
  }

  /** Guards a recursive construct against input that is nested without end. */
  nested<T>(parse: () => T): T {
    if (this.nesting >= MAX_NESTING) throw this.fault('parse-too-deep', `nested more than ${MAX_NESTING} deep`);
    this.nesting++;
    try {
      return parse();
    } finally {
      this.nesting--;
    }
  }

  /**
   * Runs a parser; after a fault, skips past the next `;` or to a `}` of the same level, and gives undefined.
   * Always moves on by at least one token, so that a loop around it ends.
   */
  recovering<T>(parse: () => T): T | undefined {
    const start = this.at;
    try {
      return parse();
    } catch (fault) {
      if (!(fault instanceof SyntaxFault)) throw fault;
      this.skipConstruct();
      if (this.at === start) this.next();
      return undefined;
    }
  }

  private skipConstruct(): void {
    let depth = 0;
    while (!this.atEnd) {
      if (this.is('{')) depth++;
      if (this.is('}')) {
        if (depth === 0) return;
        depth--;
        if (depth === 0) {
          this.next();
          this.accept(';');
          return;
        }
      }
      if (this.is(';') && depth === 0) {
        this.next();
        return;
      }
      this.next();
    }
  }
}
