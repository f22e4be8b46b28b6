import Table from 'cli-table3';

/**
 * A row each, names left and figures right; where that is too wide, a column each, in as many tables as it takes.
 * @param columnNames the first is that of the rows' names
 * @param columns width to keep to, if any
 */
export function figureTables(
  columnNames: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
): string[] {
  const table = drawTable(columnNames, rows);
  if (columns === undefined || widthOf(table) <= columns) return [table];
  const tables: string[] = [];
  for (let first = 0; first < rows.length; ) {
    let count = rows.length - first;
    let drawn = drawTransposed(columnNames, rows.slice(first, first + count));
    while (count > 1 && widthOf(drawn) > columns) {
      drawn = drawTransposed(columnNames, rows.slice(first, first + --count));
    }
    tables.push(drawn);
    first += count;
  }
  return tables;
}

function drawTransposed(columnNames: readonly string[], rows: readonly (readonly string[])[]): string {
  const [head, ...body] = columnNames.map((name, column) => [name, ...rows.map((row) => row[column]!)]);
  return drawTable(head!, body);
}

function drawTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    colAligns: ['left', ...new Array<'right'>(head.length - 1).fill('right')],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

function widthOf(table: string): number {
  return table.indexOf('\n');
}
