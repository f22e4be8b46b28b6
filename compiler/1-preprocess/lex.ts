import type { SourcePosition } from '../../base/errors.ts';
import type { Token, TokenFault, TokenKind } from './token.ts';

const SPACE = /[ \t\f\v\r]+/y;
const LINE_COMMENT = /\/\/[^\n]*/y;
const BLOCK_COMMENT = /\/\*[\s\S]*?\*\//y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
/** C99 6.4.8 preprocessing number; with the width that P4 writes before a quote (`16'0x800`), which no C is right with. */
const NUMBER = /\.?[0-9](?:[eEpP][+-]|[A-Za-z0-9_.]|'(?=[0-9]))*/y;
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

/**
 * Translation phases 2 and 3 (C99 5.1.1.2): splices continued lines, drops comments, cuts the text into preprocessing
 * tokens. Newlines are not tokens: `lineStart` marks them. Ends with one token of kind `end`. What is wrong with a token
 * goes with it, since in groups that are skipped and in the text of `#error` nothing is.
 */
export function lex(file: string, text: string): Token[] {
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
    } else {
      const start = at;
      const isComment = source.startsWith('/*', at);
      const kind = (isComment ? undefined : CLASSES.find(([, pattern]) => skip(pattern))?.[0]) ?? 'other';
      const fault = kind === 'other' ? faultAt(source, start) : undefined;
      if (kind === 'other') at = fault?.code === 'lex-stray-character' ? at + 1 : endOfFault(source, start);
      const position = lines.position(start);
      const token: Token = { kind, text: source.slice(start, at), position, spaceBefore, lineStart };
      tokens.push(fault === undefined ? token : { ...token, fault });
      spaceBefore = false;
      lineStart = false;
    }
  }
  tokens.push({ kind: 'end', text: '', position: lines.position(source.length), spaceBefore, lineStart: true });
  return tokens;
}

function faultAt(source: string, at: number): TokenFault {
  const character = source[at] ?? '';
  if (source.startsWith('/*', at)) {
    return { code: 'lex-unterminated-comment', message: 'comment does not end', hint: 'close it with */' };
  }
  if (character === '"') return { code: 'lex-unterminated-literal', message: 'string does not end on its line' };
  if (character === "'") {
    return { code: 'lex-unterminated-literal', message: 'character constant does not end on its line' };
  }
  const shown = /[!-~]/.test(character)
    ? character
    : `U+${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  return { code: 'lex-stray-character', message: `character ${shown} has no meaning here` };
}

/** A literal that does not end swallows its line, so that its words are not taken for code; a comment all the rest. */
function endOfFault(source: string, at: number): number {
  const end = source.startsWith('/*', at) ? -1 : source.indexOf('\n', at);
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
