import type { FirmwareBuild } from './build-firmware.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { FirmwareReport } from './link-firmware.ts';

/** What `testbed compile --report` shows: the data behind the paper's Figure 9, and how accesses are kept in bounds. */
export interface OptimiserReport {
  readonly stages: readonly OptimiserStage[];
  /** Of the program with all passes. */
  readonly placement: FirmwareReport['placement'];
  readonly isolation: FirmwareReport['isolation'];
}

export interface OptimiserStage {
  /** `naive`, or the pass that is added to those before. */
  readonly name: string;
  readonly instructions: number;
  /** Percent of the naive program; below zero: fewer. */
  readonly changePercent: number;
  /** Cycles of a packet by the code alone, every branch as likely as the other (`predict-cycles.ts`). */
  readonly predictedCycles: number;
  /** Cycles from a request to its answer on the emulated NIC, mean of the requests; undefined: nothing was run. */
  readonly measuredCycles: number | undefined;
}

/** The passes of the paper's section 5.1, in the order of its Figure 9. */
export const FIGURE_9_PASSES = ['lambda-coalescing', 'match-reduction', 'memory-stratification'] as const;

/** The paper's figures (section 6.4): 8,050 instructions after all three, 9.56 % fewer than the naive program. */
export const PAPER_FIGURE_9 = { optimised: 8050, changePercent: -9.56 } as const;

/**
 * Compiles a program once for each stage: without the three passes, then with one more of them each time.
 * @param disabled passes that the user left out: they are out of all stages
 * @param measure runs an image; absent: nothing is measured
 */
export function optimiserReport(
  build: (disabledPasses: readonly string[]) => FirmwareBuild,
  disabled: readonly string[],
  measure?: (build: FirmwareBuild & { readonly ok: true }) => number | undefined,
):
  | { readonly ok: true; readonly report: OptimiserReport }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] } {
  const stages: OptimiserStage[] = [];
  let last: FirmwareReport | undefined;
  for (let count = 0; count <= FIGURE_9_PASSES.length; count++) {
    const built = build([...disabled, ...FIGURE_9_PASSES.slice(count)]);
    if (!built.ok) return built;
    last = built.report;
    const { instructions } = last;
    const naive = stages[0]?.instructions ?? instructions;
    stages.push({
      name: FIGURE_9_PASSES[count - 1] ?? 'naive',
      instructions,
      changePercent: ((instructions - naive) / naive) * 100,
      predictedCycles: last.predictCycles(),
      measuredCycles: measure?.(built),
    });
  }
  return { ok: true, report: { stages, placement: last!.placement, isolation: last!.isolation } };
}

/** The report as text, a line each. @param withPaper beside the paper's figures: of the naive program */
export function formatOptimiserReport({ stages, placement, isolation }: OptimiserReport, withPaper: boolean): string {
  const measured = (cycles: number | undefined): string => (cycles === undefined ? '-' : String(Math.round(cycles)));
  const lines = [
    ...columns([
      ['passes so far', 'instructions', 'change', 'predicted', 'measured'],
      ...stages.map(({ name, instructions, changePercent, predictedCycles, measuredCycles }, i) => [
        `${i > 0 ? '+ ' : ''}${name}`,
        String(instructions),
        `${changePercent.toFixed(2)} %`,
        String(predictedCycles),
        measured(measuredCycles),
      ]),
      ...(withPaper ? [PAPER_ROW] : []),
    ]),
    ...(withPaper ? [againstPaper(stages)] : []),
    ...CYCLES_NOTE,
    '',
    ...columns([
      ['accesses of', 'proven', 'checked', 'by region', 'refused'],
      // A program with an access that is refused does not compile: `formatRefusedAccesses` is for those.
      ...Object.entries(isolation).map(([owner, { proven, checked, region }]) => [
        owner,
        ...[proven, checked, region, 0].map(String),
      ]),
    ]),
    '',
    ...columns([
      ['object', 'octets', 'uses', 'memory', 'because', 'cycles of all uses'],
      ...placement.map(({ object, octets, uses, memory, why, cycles }) => [
        object,
        String(octets),
        String(uses),
        memory,
        why,
        Object.entries(cycles)
          .map(([name, count]) => `${name} ${count}`)
          .join(', '),
      ]),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Errors that are about an access which leaves its object or reaches another lambda's. */
const REFUSALS: ReadonlySet<string> = new Set([
  'type-index-out-of-bounds',
  'lower-out-of-bounds',
  'link-foreign-object',
]);

/** Accesses for which a program does not compile, by the file that they are in. */
export function refusedAccesses(diagnostics: readonly Diagnostic[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code, position } of diagnostics) {
    if (REFUSALS.has(code)) counts[position.file] = (counts[position.file] ?? 0) + 1;
  }
  return counts;
}

/** What `--report` shows of a program that does not compile; empty when no access is the reason. */
export function formatRefusedAccesses(diagnostics: readonly Diagnostic[]): string {
  const refused = Object.entries(refusedAccesses(diagnostics));
  if (refused.length === 0) return '';
  const rows = refused.map(([file, count]) => [file, String(count)]);
  return `${columns([['accesses in', 'refused'], ...rows]).join('\n')}\n`;
}

/** The two columns are of different mixtures of packets: each says what the passes do, and nothing of the other. */
const CYCLES_NOTE: readonly string[] = [
  'predicted: cycles of any packet, those for the host too, every branch as likely',
  'as the other, a loop eight times',
  'measured: cycles of the requests that were made, with their real loops;',
  'compare each column only with itself',
];

const PAPER_ROW: readonly string[] = [
  'paper, all three',
  String(PAPER_FIGURE_9.optimised),
  `${PAPER_FIGURE_9.changePercent.toFixed(2)} %`,
  '-',
  '-',
];

function againstPaper(stages: readonly OptimiserStage[]): string {
  const { instructions, changePercent } = stages.at(-1)!;
  const size = (instructions / PAPER_FIGURE_9.optimised - 1) * 100;
  const saved = changePercent - PAPER_FIGURE_9.changePercent;
  return `against the paper's program: ${size.toFixed(1)} % in size, ${saved.toFixed(2)} points in the change`;
}

/** What terminals are wide when nobody says otherwise. */
const WIDEST = 80;

/** Names left, figures right; a last cell with several parts goes on below itself where the line would be too wide. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isName = (row: readonly string[], column: number): boolean =>
    column === 0 || (column > 2 && column === row.length - 1);
  return rows.flatMap((row) => {
    const cells = row.map((cell, column) =>
      isName(row, column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    const line = cells.join('  ').trimEnd();
    if (line.length <= WIDEST || !row.at(-1)!.includes(', ')) return [line];
    const start = cells.slice(0, -1).join('  ').length + 2;
    const lines = [`${cells.slice(0, -1).join('  ')}  `];
    for (const part of row.at(-1)!.split(/(?<=,) /)) {
      const last = lines.at(-1)!;
      if (last.length > start && last.length + 1 + part.length > WIDEST) lines.push(' '.repeat(start) + part);
      else lines[lines.length - 1] = last.length > start ? `${last} ${part}` : last + part;
    }
    return lines;
  });
}
