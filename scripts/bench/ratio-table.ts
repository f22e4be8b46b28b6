import Table from 'cli-table3';

/** One line of the benchmark: how much of something for so much of something else, and whether that is what was aimed at. */
export interface RatioRow {
  readonly name: string;
  /** Median of the repetitions. */
  readonly value: number;
  readonly unit: 'x' | 'MB' | 's';
  readonly aim: { readonly atLeast: number } | { readonly atMost: number } | undefined;
  /** The absolute figures behind it, of this machine at this moment. */
  readonly figures: string;
}

const WIDTHS = [43, 11, 11, 10];

/** 80 columns: the ratios first, then the figures that they come from. */
export function ratioTable(rows: readonly RatioRow[]): string {
  const table = new Table({
    head: ['', 'measured', 'aim', ''],
    colWidths: WIDTHS,
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) {
    const { name, value, unit, aim } = row;
    table.push([name, `${rounded(value)} ${unit}`, aimOf(aim, unit), verdictOf(row)]);
  }
  const figures = rows.map(({ name, figures }) => `  ${name}:\n    ${figures}`);
  return `${table.toString()}\n${figures.join('\n')}\n`;
}

export function verdictOf({ aim, value }: RatioRow): '' | 'reached' | 'missed' {
  if (aim === undefined) return '';
  return ('atLeast' in aim ? value >= aim.atLeast : value <= aim.atMost) ? 'reached' : 'missed';
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function aimOf(aim: RatioRow['aim'], unit: string): string {
  if (aim === undefined) return '';
  return 'atLeast' in aim ? `>= ${aim.atLeast} ${unit}` : `<= ${aim.atMost} ${unit}`;
}

function rounded(value: number): string {
  return value.toFixed(value < 100 ? 2 : 0);
}
