import { assert } from '../base/assert.ts';
import { formatPosition, InputError, type SourcePosition } from '../base/errors.ts';
import { sourceExcerpt } from '../base/source-excerpt.ts';
import { LIBRARY_FOLDER } from './library/headers.ts';

/**
 * What the compiler has to say about a program. Errors in a program are values: every phase appends to one list and
 * goes on, so that one run reports all of them; nothing is thrown for a bad program (see `programError` for the outer
 * edge, where a command wants one text and a status).
 */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Stable, kebab-case, prefixed by the phase that found it: `parse-expected-token`, `type-not-assignable`. */
  readonly code: string;
  readonly position: SourcePosition;
  readonly message: string;
  /** What the writer of the program may want to do about it. */
  readonly hint: string | undefined;
}

/** The files of a program by path: sources are data, so that the compiler needs no file system. */
export type SourceFiles = ReadonlyMap<string, string>;

/** More than this many errors, or warnings, in one run help nobody; the rest are counted, not kept. */
const KEPT_OF_A_SEVERITY = 100;

/** The list that all phases of one compilation append to. */
export class Diagnostics {
  readonly list: Diagnostic[] = [];
  private readonly seen = new Set<string>();
  private readonly counts = { error: 0, warning: 0 };

  get hasErrors(): boolean {
    return this.counts.error > 0;
  }

  /** Those that were not kept included. */
  get errorCount(): number {
    return this.counts.error;
  }

  error(code: string, position: SourcePosition, message: string, hint?: string): void {
    this.add({ severity: 'error', code, position, message, hint });
  }

  /** Those about the compiler's own headers are nobody's business. */
  warning(code: string, position: SourcePosition, message: string, hint?: string): void {
    if (position.file.startsWith(`${LIBRARY_FOLDER}/`)) return;
    this.add({ severity: 'warning', code, position, message, hint });
  }

  /** Takes over what another list holds. */
  addAll(others: Diagnostics): void {
    for (const diagnostic of others.list) this.add(diagnostic);
  }

  /** Inlined functions and macros are visited more than once; the same complaint about the same place is kept once. */
  private add(diagnostic: Diagnostic): void {
    const key = `${diagnostic.code} ${formatPosition(diagnostic.position)}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (++this.counts[diagnostic.severity] <= KEPT_OF_A_SEVERITY) this.list.push(diagnostic);
  }
}

/**
 * A diagnostic as compilers print them: one line that editors can follow, the source line with a caret, the hint.
 * The excerpt is left out when the file is not among `files` (a generated header).
 */
export function formatDiagnostic(diagnostic: Diagnostic, files: SourceFiles): string {
  const { severity, code, position, message, hint } = diagnostic;
  const lines = [`${formatPosition(position)}: ${severity}: ${message} [${code}]`];
  const source = files.get(position.file);
  const excerpt = source === undefined ? undefined : sourceExcerpt(source, position);
  if (excerpt !== undefined) lines.push(excerpt);
  if (hint !== undefined) lines.push(`  hint: ${hint}`);
  return lines.join('\n');
}

/**
 * For the outer edge (a command, the workload manager): the diagnostics of a program that does not compile as one
 * `InputError` with the first error's code. Each stands as `formatDiagnostic` writes it, below a line with their number.
 * @param what the program, for people: `the lambdas`
 * @param diagnostics with at least one error
 */
export function programError(what: string, diagnostics: readonly Diagnostic[], files: SourceFiles): InputError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const first = errors[0];
  assert(first !== undefined, `${what} would not compile, and nothing was said against them`);
  const warnings = diagnostics.length - errors.length;
  const counts = [plural(errors.length, 'error'), ...(warnings === 0 ? [] : [plural(warnings, 'warning')])];
  const texts = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, files));
  return new InputError(first.code, [`${what} do not compile: ${counts.join(', ')}`, ...texts].join('\n'));
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
