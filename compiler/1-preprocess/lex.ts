import type { SourcePosition } from '../../base/errors.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { Token, TokenKind } from './token.ts';

const SPACE = /[ \t\f\v\r]+/y;
const LINE_COMMENT = /\/\/[^\n]*/y;
const BLOCK_COMMENT = /\/\*[\s\S]*?\*\//y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
/** C99 6.4.8 preprocessing number. */
const NUMBER = /\.?[0-9](?:[eEpP][+-]|[A-Za-z0-9_.])*/y;
const STRING = /L?"(?:[^"\\\n]|\\[^\n])*"/y;
const CHARACTER = /L?'(?:[^'\\\n]|\\[^\n])+'/y;
/** C99 6.4.6, longest first. */
const PUNCTUATOR =
  /\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||\*=|\/=|%=|\+=|-=|&=|\^=|\|=|##|[[\](){}.&*+\-~!/%<>^|?:;=,#@]/y;

const CLASSES: readonly (readonly [TokenKind, RegExp])[] = [
  ['string', STRING],
  ['character', CHARACTER],
  ['identifier', IDENTIFIER],
  ['number', NUMBER],
  ['punctuator', PUNCTUATOR],
];

/** What stands for a literal that does not end, so that the parser has nothing more to say about it. */
const UNTERMINATED: Readonly<Record<string, { readonly kind: TokenKind; readonly text: string }>> = {
  '"': { kind: 'string', text: '""' },
  "'": { kind: 'character', text: "' '" },
};

/**
 * Translation phases 2 and 3 (C99 5.1.1.2): splices continued lines, drops comments, cuts the text into preprocessing
 * tokens. Newlines are not tokens: `lineStart` marks them. Ends with one token of kind `end`.
 */
export function lex(file: string, text: string, diagnostics: Diagnostics): Token[] {
  const lines = new LineTable(file, text);
  const source = lines.spliced;
  const tokens: Token[] = [];
  let at = 0;
  let spaceBefore = false;
  let lineStart = true;

  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(source)) return false;
    at = pattern.lastIndex;
    return true;
  };

  while (at < source.length) {
    if (source[at] === '\n') {
      lineStart = true;
      spaceBefore = false;
      at++;
    } else if (skip(SPACE) || skip(LINE_COMMENT) || skip(BLOCK_COMMENT)) {
      spaceBefore = true;
    } else if (source.startsWith('/*', at)) {
      diagnostics.error('lex-unterminated-comment', lines.position(at), 'comment does not end', 'close it with */');
      at = source.length;
    } else {
      const start = at;
      const kind = CLASSES.find(([, pattern]) => skip(pattern))?.[0] ?? 'other';
      if (kind === 'other') {
        at++;
        reportStrayCharacter(source, start, lines, diagnostics);
        // An unterminated literal swallows its line, so that its words are not taken for code.
        if (source[start] === '"' || source[start] === "'") at = endOfLine(source, start);
      }
      const position = lines.position(start);
      const unterminated = kind === 'other' ? UNTERMINATED[source[start] ?? ''] : undefined;
      tokens.push({ kind, text: source.slice(start, at), position, spaceBefore, lineStart, ...unterminated });
      spaceBefore = false;
      lineStart = false;
    }
  }
  tokens.push({ kind: 'end', text: '', position: lines.position(source.length), spaceBefore, lineStart: true });
  return tokens;
}

function reportStrayCharacter(source: string, at: number, lines: LineTable, diagnostics: Diagnostics): void {
  const character = source[at] ?? '';
  if (character === '"' || character === "'") {
    const what = character === '"' ? 'string' : 'character constant';
    diagnostics.error('lex-unterminated-literal', lines.position(at), `${what} does not end on its line`);
  } else {
    const shown = /[!-~]/.test(character)
      ? character
      : `U+${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
    diagnostics.error('lex-stray-character', lines.position(at), `character ${shown} has no meaning here`);
  }
}

function endOfLine(source: string, at: number): number {
  const end = source.indexOf('\n', at);
  return end < 0 ? source.length : end;
}

/** Maps an offset in the text with spliced lines back to line and column of the file. */
class LineTable {
  readonly spliced: string;
  private readonly file: string;
  /** Start of each piece in the spliced text, with the line and column of the file where it starts. */
  private readonly starts: number[] = [];
  private readonly lineOf: number[] = [];
  private last = 0;

  constructor(file: string, text: string) {
    this.file = file;
    const pieces = text.split('\n');
    let spliced = '';
    pieces.forEach((piece, index) => {
      this.starts.push(spliced.length);
      this.lineOf.push(index + 1);
      const line = piece.endsWith('\r') ? piece.slice(0, -1) : piece;
      const isLast = index === pieces.length - 1;
      if (line.endsWith('\\') && !isLast) spliced += line.slice(0, -1);
      else spliced += isLast ? line : `${line}\n`;
    });
    this.spliced = spliced;
  }

  /** Offsets are asked for in rising order, so that a linear walk is enough. */
  position(offset: number): SourcePosition {
    if ((this.starts[this.last] ?? 0) > offset) this.last = 0;
    while (this.last + 1 < this.starts.length && (this.starts[this.last + 1] ?? Infinity) <= offset) this.last++;
    const start = this.starts[this.last] ?? 0;
    return { file: this.file, line: this.lineOf[this.last] ?? 1, column: offset - start + 1 };
  }
}
