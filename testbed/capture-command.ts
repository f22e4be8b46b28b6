import type { CommandModule } from 'yargs';
import { FACT_MARGIN, formatCaptureSummary, summariseCapture } from '../pcap/capture-summary.ts';
import { surfaceOf, wrapped } from './terminal.ts';

/** `testbed capture summary FILE`: what a capture holds, without Wireshark. */
export function captureCommand(): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'capture <action> <file>',
    describe: 'Summarise a capture: packets, octets, protocols, span',
    builder: (parser) =>
      parser
        .positional('action', { choices: ['summary'], demandOption: true })
        .positional('file', { type: 'string', demandOption: true, describe: 'A pcap or pcapng file' })
        .option('json', { type: 'boolean', nargs: 0, default: false, describe: 'Print JSON' })
        .epilogue(`Example:\n  testbed capture summary results/RUN/captures/LINK.pcap`),
    handler: async (argv) => {
      const summary = await summariseCapture(argv.file as string);
      process.stdout.write(
        argv.json === true
          ? `${JSON.stringify(summary, undefined, 2)}\n`
          : fitted(formatCaptureSummary(summary), surfaceOf(process.stdout, process.env).columns),
      );
    },
  };
}

/** Facts that are too long go on below themselves; a path has no place to break. */
function fitted(text: string, columns: number | undefined): string {
  const fit = (line: string): string =>
    columns === undefined || line.length <= columns
      ? line
      : line.slice(0, FACT_MARGIN) + wrapped(line.slice(FACT_MARGIN), columns, FACT_MARGIN);
  return text.split('\n').map(fit).join('\n');
}
