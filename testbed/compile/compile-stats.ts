import type { FirmwareReport } from '../../compiler/link-firmware.ts';
import type { FirmwareImage } from '../../npu/image/firmware-image.ts';
import { figureTables } from '../results/figure-table.ts';
import type { Surface } from '../terminal.ts';

/** How large a program is; counts are of instructions where they do not say octets. */
export interface ProgramStatistics {
  readonly instructions: number;
  readonly codeStoreInstructions: number;
  /** By lambda, and `runtime`. */
  readonly owners: Readonly<Record<string, number>>;
  readonly functions: readonly { readonly name: string; readonly owner: string; readonly instructions: number }[];
  readonly memoryOctets: Readonly<Record<string, number>>;
  /** Passes of the optimiser that changed something, and how often. */
  readonly passes: Readonly<Record<string, number>>;
  readonly objects: readonly {
    readonly name: string;
    readonly owner: string;
    readonly memory: string;
    readonly octets: number;
  }[];
}

export function statsOf(report: FirmwareReport, image: FirmwareImage): ProgramStatistics {
  const { instructions, codeStoreInstructions, owners, memoryOctets, optimiser } = report;
  return {
    instructions,
    codeStoreInstructions,
    owners,
    functions: report.functions.map(({ name, owner, instructions: count }) => ({ name, owner, instructions: count })),
    memoryOctets,
    passes: optimiser.changes,
    objects: image.symbols
      .filter(({ memory }) => memory !== 'code')
      .map(({ name, owner, memory, size }) => ({ name, owner, memory, octets: size })),
  };
}

export function formatStats(stats: ProgramStatistics, { columns }: Surface): string {
  const { instructions, codeStoreInstructions } = stats;
  const share = ((instructions / codeStoreInstructions) * 100).toFixed(1);
  const lines = [
    `${grouped(instructions)} instructions, ${share} % of the code store (${grouped(codeStoreInstructions)})`,
  ];
  const table = (names: readonly string[], rows: readonly (readonly string[])[]): void => {
    if (rows.length > 0) lines.push('', ...figureTables(names, rows, columns));
  };
  table(
    ['code of', 'instructions'],
    Object.entries(stats.owners).map(([owner, count]) => [owner, grouped(count)]),
  );
  table(
    ['function', 'of', 'instructions'],
    stats.functions.map(({ name, owner, instructions: count }) => [name, owner, grouped(count)]),
  );
  table(
    ['object', 'of', 'memory', 'octets'],
    stats.objects.map(({ name, owner, memory, octets }) => [name, owner, memory, grouped(octets)]),
  );
  table(
    ['memory', 'octets used'],
    Object.entries(stats.memoryOctets).map(([memory, octets]) => [memory, grouped(octets)]),
  );
  table(
    ['pass', 'times it changed something'],
    Object.entries(stats.passes).map(([pass, times]) => [pass, grouped(times)]),
  );
  return `${lines.join('\n')}\n`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
