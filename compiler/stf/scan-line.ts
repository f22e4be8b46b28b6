import type { SourcePosition } from '../../base/errors.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { StfName } from './statements.ts';

/** Leaves a line that makes no sense; caught where lines are read, so that the next one is looked at too. */
export class LineFault extends Error {
  override name = 'LineFault';
}

/** A line of an STF file and how far it has been read. Blanks separate; `#` begins a comment. */
export class LineScanner {
  private readonly diagnostics: Diagnostics;
  private readonly file: string;
  private readonly line: number;
  private readonly text: string;
  private at = 0;

  constructor(file: string, line: number, text: string, diagnostics: Diagnostics) {
    this.file = file;
    this.line = line;
    const comment = text.indexOf('#');
    this.text = comment < 0 ? text : text.slice(0, comment);
    this.diagnostics = diagnostics;
    this.skipBlanks();
  }

  get position(): SourcePosition {
    return { file: this.file, line: this.line, column: this.at + 1 };
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** What matches here, read; undefined: nothing does. */
  match(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern.source, `${pattern.flags.replace('y', '')}y`);
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text)?.[0];
    if (found === undefined || found === '') return undefined;
    this.at += found.length;
    this.skipBlanks();
    return found;
  }

  /** Whether a pattern matches here, without reading it. */
  looksAt(pattern: RegExp): boolean {
    const sticky = new RegExp(pattern.source, `${pattern.flags}y`);
    sticky.lastIndex = this.at;
    return sticky.test(this.text);
  }

  expect(pattern: RegExp, what: string): string {
    return this.match(pattern) ?? this.fail(`expected ${what}, found ${this.rest()}`);
  }

  /** `a`, `a.b`, `a[0].b`, `a.$valid$`: whatever stands before a blank, a colon, a parenthesis or a comma. */
  name(what: string): StfName {
    const { position } = this;
    return { text: this.expect(/[A-Za-z_$][\w$.[\]]*/, what), position };
  }

  /** A name before an index in brackets. */
  plainName(what: string): StfName {
    const { position } = this;
    return { text: this.expect(/[A-Za-z_$][\w$.]*/, what), position };
  }

  /** A number of 0 to `maximum`. */
  number(what: string, maximum: number): number {
    const { position } = this;
    const text = this.expect(/0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+/, what);
    const value = Number(text);
    if (value > maximum) this.fail(`expected ${what} of at most ${maximum}, found ${text}`, position);
    return value;
  }

  bigNumber(what: string): bigint {
    return BigInt(this.expect(/0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|[0-9]+/, what));
  }

  end(): void {
    if (!this.atEnd) this.fail(`expected the end of the line, found ${this.rest()}`);
  }

  fail(message: string, position: SourcePosition = this.position, code = 'stf-syntax'): never {
    this.diagnostics.error(code, position, message);
    throw new LineFault(message);
  }

  private rest(): string {
    return this.atEnd ? 'the end of the line' : `'${this.text.slice(this.at).trimEnd().slice(0, 40)}'`;
  }

  private skipBlanks(): void {
    while (this.at < this.text.length && /\s/.test(this.text[this.at] as string)) this.at++;
  }
}
