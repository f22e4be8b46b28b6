/** A stretch of a source line; columns count from 1. */
export interface Piece {
  readonly text: string;
  readonly column: number;
}

/** What is wrong with a line and what to do about it; the assembler adds file and line. */
export class LineError extends Error {
  readonly code: string;
  readonly column: number;
  readonly hint: string | undefined;

  constructor(code: string, message: string, column: number, hint?: string) {
    super(message);
    this.code = code;
    this.column = column;
    this.hint = hint;
  }
}
