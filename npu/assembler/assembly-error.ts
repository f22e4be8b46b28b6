import { assert } from '../../base/assert.ts';
import { formatPosition, InputError, type SourcePosition } from '../../base/errors.ts';
import { sourceExcerpt } from '../../base/source-excerpt.ts';

/** Something wrong with an assembler text, with the line that it is in and what to do about it. */
export class AssemblyError extends InputError {
  override readonly position: SourcePosition;
  /** What is wrong and what was expected, without the position. */
  readonly problem: string;
  /** What to do, where there is something to say. */
  readonly hint: string | undefined;
  private readonly source: string;

  constructor(code: string, problem: string, position: SourcePosition, source: string, hint: string | undefined) {
    super(code, hint === undefined ? problem : `${problem}; ${hint}`, position);
    this.position = position;
    this.problem = problem;
    this.hint = hint;
    this.source = source;
  }

  /** The source line with a caret below the column; undefined past the end of the text. */
  get excerpt(): string | undefined {
    return sourceExcerpt(this.source, this.position);
  }

  /** As compilers print it: place and problem, the source line with a caret, what to do. */
  text(): string {
    const lines = [`${formatPosition(this.position)}: error: ${this.problem} [${this.code}]`];
    const { excerpt } = this;
    if (excerpt !== undefined) lines.push(excerpt);
    if (this.hint !== undefined) lines.push(`  hint: ${this.hint}`);
    return lines.join('\n');
  }
}

/**
 * For the outer edge (a command): the errors of a text as one `InputError` with the first one's code.
 * @param errors at least one
 */
export function assemblyFailure(errors: readonly AssemblyError[]): InputError {
  const first = errors[0];
  assert(first !== undefined, 'the text would not assemble, and nothing was said against it');
  const count = `${errors.length} error${errors.length === 1 ? '' : 's'}`;
  const texts = errors.map((error) => error.text());
  return new InputError(first.code, [`${first.position.file} does not assemble: ${count}`, ...texts].join('\n'));
}
