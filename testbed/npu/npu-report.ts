import { formatDurationPs } from '../../base/units.ts';
import type { ContextAccount } from '../../npu/nic/cycle-account.ts';
import type { PacketReport } from '../../npu/nic/packet-feed.ts';
import type { MemoryChange, ProgramChanges } from '../../npu/nic/program-changes.ts';
import type { ProgramResult, SentFrame } from '../../npu/nic/run-program.ts';
import type { NicProfile } from '../../npu/profile.ts';
import { figureTables } from '../results/figure-table.ts';
import { type Surface, wrapped } from '../terminal.ts';
import { dumpOctets, hexadecimal } from './octet-dump.ts';

/** What a run was of, beside its result. */
export interface ProgramReport {
  readonly file: string;
  readonly profile: NicProfile;
  readonly engine: string;
  readonly cores: number;
  readonly contexts: number;
  readonly result: ProgramResult;
  readonly changes: ProgramChanges;
  /** One line a thing that went wrong; empty when all went well. */
  readonly failures: readonly string[];
}

const FACT_MARGIN = 14;
const MOST_FRAMES = 4;
const MOST_ROWS = 16;
const MOST_DUMP_LINES = 64;
/** Registers in a row, with their names. */
const CELL_COLUMNS = 22;

/** For people: as wide as the surface, or as for 80 columns where it has no width. */
export function formatProgramReport(report: ProgramReport, { columns = 80 }: Surface): string {
  const { file, profile, cores, contexts, result, changes } = report;
  const fact = (name: string, text: string) => name.padEnd(FACT_MARGIN) + wrapped(text, columns, FACT_MARGIN);
  const lines = [
    fact('program', `${file}, ${counted(contexts, 'context')} on ${counted(cores, 'core')} of ${profile.name}`),
    fact('end', describeEnd(result)),
    fact('cycles', `${grouped(result.cycles)} (${formatDurationPs(durationPs(profile, result.cycles))})`),
  ];
  if (result.rounds.length > 1) lines.push(fact('rounds', describeRounds(result.rounds)));
  const { packets, npu } = result;
  if (packets.delivered > 0) {
    lines.push(fact('packets', describePackets(packets)));
  }
  const { commands, ememCacheMisses } = npu.counters;
  lines.push(
    fact('memory', `${counted(commands, 'command')}, ${counted(ememCacheMisses, 'miss', 'misses')} in the EMEM cache`),
  );
  if (result.account.length > 0) lines.push('', ...formatAccount(result.account, columns));
  lines.push(...formatRegisters(changes, columns), ...formatMemory(changes.memory), ...formatFrames(result));
  return `${lines.join('\n')}\n`;
}

function describeEnd({ end, unfinished }: ProgramResult): string {
  switch (end) {
    case 'ended':
      return 'every context has ended or waits for a frame';
    case 'waiting':
      return `${counted(unfinished.length, 'context')} waits for a signal that nothing will raise`;
    case 'cycle-limit':
      return 'stopped at the limit of cycles';
    case 'instruction-limit':
      return 'stopped at the limit of instructions';
    case 'condition':
      return 'stopped by its condition';
  }
}

function describePackets({ delivered, sent, dropped, cyclesPerPacket, packetsPerSecond }: PacketReport): string {
  const counts = `${grouped(delivered)} delivered, ${counted(sent, 'frame')} sent, ${grouped(dropped)} dropped`;
  if (packetsPerSecond === 0) return counts;
  return `${counts}; ${cyclesPerPacket.toFixed(1)} cycles a packet and core, ${(packetsPerSecond / 1e6).toFixed(3)} M packets/s`;
}

function describeRounds(rounds: readonly number[]): string {
  const total = rounds.reduce((sum, cycles) => sum + cycles, 0);
  return (
    `${rounds.length}: first ${grouped(rounds[0]!)} cycles, least ${grouped(Math.min(...rounds))}, ` +
    `most ${grouped(Math.max(...rounds))}, mean ${(total / rounds.length).toFixed(1)}`
  );
}

const COLUMN_NAMES: readonly [name: string, of: (account: ContextAccount) => number][] = [
  ['instructions', (account) => account.instructions],
  ['branch', (account) => account.branchCycles],
  ['spacing', (account) => account.spacingCycles],
  ['library', (account) => account.libraryCycles],
  ['signals', (account) => account.signalWaitCycles],
  ['turn', (account) => account.pipelineWaitCycles],
  ['swaps', (account) => account.swaps],
];

/** A row a context; the sum alone where that would be very many. */
function formatAccount(accounts: readonly ContextAccount[], columns: number): string[] {
  const severalCores = accounts.some(({ core }) => core !== 0);
  const name = ({ core, context }: ContextAccount) => (severalCores ? `${core}.${context}` : `${context}`);
  const shown = accounts.length > MOST_ROWS ? [] : accounts;
  const rows = shown.map((account) => [name(account), ...COLUMN_NAMES.map(([, of]) => grouped(of(account)))]);
  if (accounts.length > 1) {
    const sums = COLUMN_NAMES.map(([, of]) => grouped(accounts.reduce((sum, account) => sum + of(account), 0)));
    rows.push(['all', ...sums]);
  }
  const legend =
    'Cycles of the pipeline lost to taken branches, to the spacing of blocking commands and to the receive and send ' +
    'library; cycles that it waited for signals (of memory, of a frame), then for its turn; times that it swapped out.';
  return [
    ...figureTables(['context', ...COLUMN_NAMES.map(([column]) => column)], rows, columns),
    wrapped(legend, columns),
  ];
}

/** Those that changed, by context, as many in a line as fit; contexts that have the same are shown once. */
function formatRegisters({ registers }: ProgramChanges, columns: number): string[] {
  if (registers.length === 0) return ['', 'No register changed.'];
  const byPlace = new Map<string, string[]>();
  for (const { core, context, name, after } of registers) {
    const place = core === 0 ? `${context}` : `${core}.${context}`;
    const cells = byPlace.get(place) ?? [];
    cells.push(`${name.padEnd(8)}${hexadecimal(after, 8)}`.padEnd(CELL_COLUMNS));
    byPlace.set(place, cells);
  }
  const perLine = Math.max(1, Math.floor((columns - 2) / CELL_COLUMNS));
  const placesOf = new Map<string, string[]>();
  for (const [place, cells] of byPlace) {
    const rows = Array.from({ length: Math.ceil(cells.length / perLine) }, (_, row) =>
      `  ${cells.slice(row * perLine, (row + 1) * perLine).join('')}`.trimEnd(),
    ).join('\n');
    placesOf.set(rows, [...(placesOf.get(rows) ?? []), place]);
  }
  const lines = [...placesOf].slice(0, MOST_ROWS).flatMap(([rows, places]) => {
    const head = `registers of ${places.length === 1 ? 'context' : 'contexts'} ${places.join(', ')}`;
    return ['', wrapped(head, columns), rows];
  });
  const more = placesOf.size - MOST_ROWS;
  if (more > 0) lines.push('', `and ${more} groups of contexts more (--json: all)`);
  return lines;
}

function formatMemory(changes: readonly MemoryChange[]): string[] {
  const lines: string[] = [];
  const places = [...new Set(changes.map(({ memory, of }) => `${memory} ${of}`))];
  for (const place of places) {
    const own = changes.filter(({ memory, of }) => `${memory} ${of}` === place);
    const octets = own.reduce((sum, { after }) => sum + after.length, 0);
    lines.push('', `${memoryName(own[0]!)}, ${counted(octets, 'octet')} changed`);
    const dump = dumpOctets(own.map(({ address, after }) => ({ address, octets: after })));
    lines.push(...dump.slice(0, MOST_DUMP_LINES));
    if (dump.length > MOST_DUMP_LINES) lines.push(`  and ${dump.length - MOST_DUMP_LINES} lines more (--json: all)`);
  }
  return lines;
}

function memoryName({ memory, of }: MemoryChange): string {
  switch (memory) {
    case 'ctm':
    case 'cls':
      return `${memory} of island ${of}`;
    case 'local':
      return of === 0 ? 'local memory' : `local memory of core ${of}`;
    default:
      return memory;
  }
}

/** Frames one after the other that are the same are shown once. */
function formatFrames({ frames, framesSent }: ProgramResult): string[] {
  const lines: string[] = [];
  let shown = 0;
  for (let first = 0; first < frames.length && shown < MOST_FRAMES; shown++) {
    const { port, frame, cycle } = frames[first]!;
    let end = first + 1;
    while (end < frames.length && isSame(frames[first]!, frames[end]!)) end++;
    const count = end - first;
    const when =
      count === 1 ? `in cycle ${grouped(cycle)}` : `in cycles ${grouped(cycle)} to ${grouped(frames[end - 1]!.cycle)}`;
    lines.push('', `${counted(count, 'frame')} to port ${port} ${when}, ${counted(frame.length, 'octet')}`);
    lines.push(...dumpOctets([{ address: 0, octets: frame }]));
    first = end;
    if (first === frames.length || shown === MOST_FRAMES - 1) {
      if (framesSent > first) lines.push('', `and ${counted(framesSent - first, 'frame')} more`);
    }
  }
  return lines;
}

function isSame(a: SentFrame, b: SentFrame): boolean {
  return a.port === b.port && a.frame.length === b.frame.length && a.frame.every((octet, i) => octet === b.frame[i]);
}

function durationPs({ clock }: NicProfile, cycles: number): number {
  return Math.round((cycles * clock.picoseconds) / clock.cycles);
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
