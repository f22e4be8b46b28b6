/** A place in a text file. Lines and columns count from 1, as editors show them. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Something that the user gave is wrong: a file, a flag, a program. One clear line; the command ends with status 2.
 * The code is stable, so that scripts and tests can match it.
 */
export class InputError extends Error {
  override name = 'InputError';
  readonly code: string;
  readonly position: SourcePosition | undefined;

  constructor(code: string, message: string, position?: SourcePosition) {
    super(position === undefined ? message : `${formatPosition(position)}: ${message}`);
    this.code = code;
    this.position = position;
  }
}

/** A run failed: a process died, an answer was wrong. Names the culprit; the command ends with status 1. */
export class RunError extends Error {
  override name = 'RunError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** `file:line:column`, the form that editors and terminals turn into a link. */
export function formatPosition(position: SourcePosition): string {
  return `${position.file}:${position.line}:${position.column}`;
}

/** Exit statuses of every command. */
export const EXIT_DONE = 0;
export const EXIT_RUN_FAILED = 1;
export const EXIT_BAD_INPUT = 2;
