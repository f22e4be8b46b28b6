import { FACT_MARGIN, formatCaptureSummary, summariseCapture } from '../../pcap/capture-summary.ts';
import { surfaceOf, wrapped } from '../terminal.ts';

/** Prints what a capture holds. @throws InputError for a file that is none */
export async function printCaptureSummary(file: string, isJson: boolean): Promise<void> {
  const summary = await summariseCapture(file);
  process.stdout.write(
    isJson
      ? `${JSON.stringify(summary, undefined, 2)}\n`
      : fitted(formatCaptureSummary(summary), surfaceOf(process.stdout, process.env).columns),
  );
}

/** Facts that are too long go on below themselves; a path has no place to break. */
function fitted(text: string, columns: number | undefined): string {
  const fit = (line: string): string =>
    columns === undefined || line.length <= columns
      ? line
      : line.slice(0, FACT_MARGIN) + wrapped(line.slice(FACT_MARGIN), columns, FACT_MARGIN);
  return text.split('\n').map(fit).join('\n');
}
