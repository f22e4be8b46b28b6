import { formatPosition, InputError, type SourcePosition } from '../base/errors.ts';

/**
 * What the compiler has to say about a program. Errors in a program are values: every phase appends to one list and
 * goes on, so that one run reports all of them; nothing is thrown for a bad program (see `throwFirstError` for the
 * outer edge, where the command line wants one line and a status).
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

/** More than this many errors in one run help nobody; the rest are counted, not kept. */
const ERRORS_KEPT = 100;

/** The list that all phases of one compilation append to. */
export class Diagnostics {
  readonly list: Diagnostic[] = [];
  private readonly seen = new Set<string>();
  private errors = 0;

  get hasErrors(): boolean {
    return this.errors > 0;
  }

  get errorCount(): number {
    return this.errors;
  }

  error(code: string, position: SourcePosition, message: string, hint?: string): void {
    this.add({ severity: 'error', code, position, message, hint });
  }

  warning(code: string, position: SourcePosition, message: string, hint?: string): void {
    this.add({ severity: 'warning', code, position, message, hint });
  }

  /** Inlined functions and macros are visited more than once; the same complaint about the same place is kept once. */
  private add(diagnostic: Diagnostic): void {
    const key = `${diagnostic.code} ${formatPosition(diagnostic.position)}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (diagnostic.severity === 'error') this.errors++;
    if (this.list.length < ERRORS_KEPT) this.list.push(diagnostic);
  }
}

/**
 * A diagnostic as compilers print them: one line that editors can follow, the source line with a caret, the hint.
 * The excerpt is left out when the file is not among `files` (a generated header).
 */
export function formatDiagnostic(diagnostic: Diagnostic, files: SourceFiles): string {
  const { severity, code, position, message, hint } = diagnostic;
  const lines = [`${formatPosition(position)}: ${severity}: ${message} [${code}]`];
  const excerpt = sourceExcerpt(position, files);
  if (excerpt !== undefined) lines.push(excerpt);
  if (hint !== undefined) lines.push(`  hint: ${hint}`);
  return lines.join('\n');
}

function sourceExcerpt(position: SourcePosition, files: SourceFiles): string | undefined {
  const text = files.get(position.file);
  if (text === undefined) return undefined;
  const line = text.split('\n')[position.line - 1]?.replace(/\r$/, '');
  if (line === undefined) return undefined;
  const margin = String(position.line).padStart(5);
  // Tabs stay tabs under the text, so that the caret stands below its column in every terminal.
  const indent = line.slice(0, position.column - 1).replace(/[^\t]/g, ' ');
  return `${margin} | ${line}\n${' '.repeat(margin.length)} | ${indent}^`;
}

/**
 * For the outer edge (a command, the workload manager): the first error as an `InputError` with its position, the text
 * holding every diagnostic. Returns when the list holds no error.
 */
export function throwFirstError(diagnostics: Diagnostics, files: SourceFiles): void {
  const first = diagnostics.list.find((diagnostic) => diagnostic.severity === 'error');
  if (first === undefined) return;
  const excerpt = sourceExcerpt(first.position, files);
  const others = diagnostics.errorCount - 1;
  const text = [
    `${first.message} [${first.code}]`,
    ...(excerpt === undefined ? [] : [excerpt]),
    ...(first.hint === undefined ? [] : [`  hint: ${first.hint}`]),
    ...(others > 0 ? [`  and ${others} more error${others === 1 ? '' : 's'}`] : []),
  ].join('\n');
  throw new InputError(first.code, text, first.position);
}
