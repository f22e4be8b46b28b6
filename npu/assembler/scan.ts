import { LineError, type Piece } from './line-error.ts';
import { isListingHeader, type ListingPrefix, listingFunction, listingPrefix } from './listing.ts';

/** `ctx_swap[sig1]`, `gpr_wrboth`, `32x32_step1`: what follows the brackets of an instruction. */
export interface Modifier {
  readonly name: Piece;
  readonly operands: readonly Piece[] | undefined;
}

/** `mnemonic[operand, operand], modifier, modifier[operand]`. */
export interface Statement {
  readonly mnemonic: Piece;
  /** Undefined without brackets (`nop`). */
  readonly operands: readonly Piece[] | undefined;
  readonly modifiers: readonly Modifier[];
}

export interface ScannedLine {
  readonly labels: readonly Piece[];
  readonly number: ListingPrefix['number'];
  readonly statement: Statement | undefined;
}

const LABEL = /^\s*([A-Za-z_][\w.]*#?)\s*:/;
const MNEMONIC = /^[A-Za-z_][\w=!]*/;

/** Splits a line without comments, of assembler text or of an objdump listing, into its parts. Throws `LineError`. */
export function scanLine(line: string): ScannedLine {
  if (isListingHeader(line)) return { labels: [], number: undefined, statement: undefined };
  const named = listingFunction(line);
  if (named !== undefined) return { labels: [named], number: undefined, statement: undefined };
  const { length, number } = listingPrefix(line);
  let at = length;
  const labels: Piece[] = [];
  for (let label = LABEL.exec(line.slice(at)); label !== null; label = LABEL.exec(line.slice(at))) {
    labels.push({ text: label[1]!, column: at + label[0].indexOf(label[1]!) + 1 });
    at += label[0].length;
  }
  const scanner = new Scanner(line, at);
  scanner.skipSpace();
  return { labels, number, statement: scanner.atEnd() ? undefined : scanner.statement() };
}

class Scanner {
  private readonly code: string;
  private at: number;

  constructor(code: string, at: number) {
    this.code = code;
    this.at = at;
  }

  atEnd(): boolean {
    return this.at >= this.code.length;
  }

  skipSpace(): void {
    while (this.code[this.at] === ' ' || this.code[this.at] === '\t') this.at++;
    // A carriage return ends a line as well.
    if (this.code.slice(this.at).trim() === '') this.at = this.code.length;
  }

  statement(): Statement {
    const column = this.at + 1;
    const mnemonic = MNEMONIC.exec(this.code.slice(this.at))?.[0];
    if (mnemonic === undefined)
      throw new LineError('asm-syntax', 'expected an instruction', column, 'such as alu[gprA_1, gprA_2, +, gprB_3]');
    this.at += mnemonic.length;
    const operands = this.brackets();
    const modifiers: Modifier[] = [];
    this.skipSpace();
    while (!this.atEnd()) {
      if (this.code[this.at] !== ',')
        throw new LineError('asm-syntax', 'expected "," or the end of the line', this.at + 1);
      this.at++;
      this.skipSpace();
      const name = /^\w+/.exec(this.code.slice(this.at))?.[0];
      if (name === undefined)
        throw new LineError(
          'asm-syntax',
          'expected a modifier after ","',
          this.at + 1,
          'such as defer[1] or gpr_wrboth',
        );
      const piece = { text: name, column: this.at + 1 };
      this.at += name.length;
      modifiers.push({ name: piece, operands: this.brackets() });
      this.skipSpace();
    }
    return { mnemonic: { text: mnemonic, column }, operands, modifiers };
  }

  /** `[a, b[2], c]` as pieces without surrounding spaces; undefined if no bracket opens here. */
  private brackets(): Piece[] | undefined {
    if (this.code[this.at] !== '[') return undefined;
    const opened = this.at;
    const pieces: Piece[] = [];
    let depth = 0;
    let start = this.at + 1;
    const endPiece = (end: number): void => {
      const raw = this.code.slice(start, end);
      const text = raw.trim();
      const column = start + raw.length - raw.trimStart().length + 1;
      if (text === '') throw new LineError('asm-syntax', 'an operand is missing', start + 1);
      pieces.push({ text, column });
      start = end + 1;
    };
    for (; this.at < this.code.length; this.at++) {
      const character = this.code[this.at];
      if (character === '[') depth++;
      else if (character === ',' && depth === 1) endPiece(this.at);
      else if (character === ']' && --depth === 0) {
        endPiece(this.at);
        this.at++;
        return pieces;
      }
    }
    throw new LineError('asm-syntax', '"[" is not closed', opened + 1);
  }
}
