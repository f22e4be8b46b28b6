import { type Diagnostic, formatDiagnostic, type SourceFiles } from '../../compiler/diagnostics.ts';
import { printable, type Surface, surfaceOf } from '../terminal.ts';

/**
 * Diagnostics as a terminal shows them, in the order of their files and places; errors and warnings are counted in a
 * last line. Empty without any.
 */
export function diagnosticsText(diagnostics: readonly Diagnostic[], files: SourceFiles, { colors }: Surface): string {
  if (diagnostics.length === 0) return '';
  const texts = diagnostics.map((diagnostic) =>
    colored(diagnostic, printable(formatDiagnostic(diagnostic, files)), colors),
  );
  return `${texts.join('\n')}\n${countsOf(diagnostics)}\n`;
}

/** Shows the warnings of a program that compiles, on the standard error. */
export function warn(warnings: readonly Diagnostic[], files: SourceFiles): void {
  process.stderr.write(diagnosticsText(warnings, files, surfaceOf(process.stderr, process.env)));
}

function colored({ severity }: Diagnostic, text: string, colors: Surface['colors']): string {
  const tint = severity === 'error' ? colors.red : colors.yellow;
  return text
    .split('\n')
    .map((line, index) => {
      if (index === 0) {
        const [, place, message, code] = /^(.*?): (?:error|warning): (.*) (\[[^\]]*\])$/.exec(line) ?? [];
        if (place === undefined) return line;
        return `${colors.bold(place)}: ${colors.bold(tint(severity))}: ${colors.bold(message)} ${colors.dim(code)}`;
      }
      if (/^ +\| +\^$|^ +\|\s*\^/.test(line)) return line.replace('^', colors.green('^'));
      return line.replace(/^( +)hint:/, (_, margin: string) => `${margin}${colors.cyan('hint:')}`);
    })
    .join('\n');
}

function countsOf(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const parts = [errors === 0 ? '' : counted(errors, 'error'), warnings === 0 ? '' : counted(warnings, 'warning')];
  return parts.filter((part) => part !== '').join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
