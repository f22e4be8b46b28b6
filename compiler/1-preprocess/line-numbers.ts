import type { SourcePosition } from '../../base/errors.ts';
import type { Token } from './token.ts';

const MOST_LINES = 2_147_483_647;

/** What `#line` makes of the positions in one file (C99 6.10.4): messages and `__LINE__` follow the file it names. */
export class LineNumbers {
  private shift = 0;
  private file: string | undefined;

  /**
   * @param directive where it stands
   * @param operands the line of the text behind it, and maybe a file, both with macros expanded
   * @returns what is wrong
   */
  set(directive: SourcePosition, operands: readonly Token[]): string | undefined {
    const [number, file] = operands;
    if (number === undefined || !/^[0-9]+$/.test(number.text) || Number(number.text) > MOST_LINES) {
      return `#line needs a decimal number up to ${MOST_LINES}`;
    }
    if (file !== undefined && (file.kind !== 'string' || !file.text.startsWith('"'))) {
      return 'the file of #line needs quotes';
    }
    this.shift = Number(number.text) - directive.line - 1;
    if (file !== undefined) this.file = file.text.slice(1, -1);
    return undefined;
  }

  /** The token, where the program says that it stands. */
  placed(token: Token): Token {
    if (this.shift === 0 && this.file === undefined) return token;
    const { file, line, column } = token.position;
    return { ...token, position: { file: this.file ?? file, line: line + this.shift, column } };
  }
}
