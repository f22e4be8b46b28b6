import { LineError } from './line-error.ts';
import { isListingHeader } from './listing.ts';

/** Lines without their comments, each of the length that it had: columns stay. */
export interface UncommentedSource {
  readonly lines: readonly string[];
  /** Where a comment begins that never ends, with its line from 1. */
  readonly unclosed: { readonly line: number; readonly error: LineError } | undefined;
}

const COMMENT = /;|\/\/|\/\*/g;

/** Blanks `;` and `//` to the end of the line, and `/* ... *\/` over lines. */
export function withoutComments(source: string): UncommentedSource {
  let opened: { line: number; column: number } | undefined;
  const lines = source.split('\n').map((text, i) => {
    // The name of a file that objdump prints may hold anything.
    if (opened === undefined && isListingHeader(text)) return text;
    let kept = '';
    let at = 0;
    while (at < text.length) {
      if (opened !== undefined) {
        const end = text.indexOf('*/', at);
        const next = end < 0 ? text.length : end + 2;
        kept += ' '.repeat(next - at);
        at = next;
        if (end >= 0) opened = undefined;
        continue;
      }
      COMMENT.lastIndex = at;
      const comment = COMMENT.exec(text);
      if (comment === null) return kept + text.slice(at);
      kept += text.slice(at, comment.index);
      at = comment.index;
      if (comment[0] !== '/*') return kept;
      opened = { line: i + 1, column: at + 1 };
      kept += '  ';
      at += 2;
    }
    return kept;
  });
  if (opened === undefined) return { lines, unclosed: undefined };
  const error = new LineError('asm-syntax', 'this comment does not end', opened.column, 'end it with */');
  return { lines, unclosed: { line: opened.line, error } };
}
