import type { CommandModule } from 'yargs';

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
      const { printCaptureSummary } = await import('../results/print-capture.ts');
      await printCaptureSummary(argv.file as string, argv.json === true);
    },
  };
}
