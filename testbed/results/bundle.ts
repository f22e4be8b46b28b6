import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../../base/errors.ts';
import type { FaultPlan } from '../../faults/fault.ts';
import type { RequestRow } from '../../time/node.ts';
import { writeFaults } from '../../topology/write-faults.ts';
import type { RunOutcome } from './outcome.ts';
import { deepestQueues, queueRows } from './queue-depths.ts';
import { queuePlot } from './queue-plot.ts';
import { CONTROL_SOCKET, describeFate, fateOf, MANIFEST } from './run-fate.ts';

/** The folder of one run: everything that was given and everything that came out. */
export class RunBundle {
  readonly folder: string;
  readonly captureFolder: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.captureFolder = join(folder, 'captures');
  }

  /**
   * Makes the folder ready for a run.
   * @throws InputError when it cannot be written, or holds another run that goes on or is not to be overwritten
   */
  static open(folder: string, overwrite: boolean): RunBundle {
    const bundle = new RunBundle(resolve(folder));
    try {
      if (existsSync(bundle.folder) && readdirSync(bundle.folder).length > 0) bundle.makeRoom(overwrite);
      makeFolder(bundle.captureFolder);
      accessSync(bundle.captureFolder, constants.W_OK);
    } catch (error) {
      if (error instanceof InputError) throw error;
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new InputError(
        'results-not-writable',
        `results folder '${folder}' cannot be written (${reason}): expected a folder that you may create or write, see --out`,
      );
    }
    return bundle;
  }

  writeJson(name: string, value: unknown): void {
    writeFileSync(join(this.folder, name), `${JSON.stringify(value, undefined, 2)}\n`);
  }

  /**
   * Raw values: counters of every node, ports, events, requests.
   * @param requests rows by node, as `requestTables` makes them
   */
  writeOutcome(outcome: RunOutcome, requests: ReadonlyMap<string, readonly RequestRow[]>): void {
    makeFolder(join(this.folder, 'nodes'));
    makeFolder(join(this.folder, 'requests'));
    for (const [node, { rows: _, queueSamples: __, ...rest }] of outcome.reports)
      this.writeJson(join('nodes', `${node}.json`), rest);
    for (const [node, rows] of requests) writeFileSync(join(this.folder, 'requests', `${node}.csv`), csvOf(rows));
    const depths = queueRows(outcome.reports);
    if (depths.length > 0) {
      writeFileSync(join(this.folder, 'queues.csv'), csvOf(depths));
      writeFileSync(join(this.folder, 'queues.svg'), queuePlot(deepestQueues(outcome.reports)));
    }
    this.writeJson('ports.json', outcome.ports);
    this.writeEvents(outcome.events);
  }

  /** The faults of a run that people changed while it went on, to run it again with `--faults`. */
  writeFaults(plan: FaultPlan): void {
    const { text, delays } = writeFaults(plan);
    for (const [name, delayText] of delays) writeFileSync(join(this.folder, name), delayText);
    writeFileSync(join(this.folder, FAULTS), text);
  }

  writeEvents(events: RunOutcome['events']): void {
    const lines = events.map(({ timePs, node, event }) => `${JSON.stringify({ timePs, node, ...event })}\n`);
    writeFileSync(join(this.folder, 'events.jsonl'), lines.join(''));
  }

  private makeRoom(overwrite: boolean): void {
    if (!existsSync(join(this.folder, MANIFEST))) {
      throw new InputError(
        'results-folder-in-use',
        `results folder '${this.folder}' holds files that are not a run's: expected a new or empty folder, see --out`,
      );
    }
    const fate = fateOf(this.folder);
    if (fate.kind === 'running') {
      throw new InputError(
        'results-folder-in-use',
        `the run in '${this.folder}' ${describeFate(fate)}: give another --out, or end it with testbed control`,
      );
    }
    if (!overwrite) {
      const found = fate.kind === 'none' ? 'a run already' : `a run already, which ${describeFate(fate)}`;
      throw new InputError(
        'results-folder-in-use',
        `results folder '${this.folder}' holds ${found}: give another --out, or --overwrite to replace it`,
      );
    }
    const delays = readdirSync(this.folder).filter((name) => /^delays-.*\.txt$/.test(name));
    for (const entry of [
      ...delays,
      FAULTS,
      'captures',
      'nodes',
      'requests',
      'events.jsonl',
      'external.jsonl',
      'inputs.jsonl',
      'ports.json',
      'queues.csv',
      'queues.svg',
      'summary.json',
      CONTROL_SOCKET,
      MANIFEST,
    ]) {
      rmSync(join(this.folder, entry), { recursive: true, force: true });
    }
  }
}

/** In the folder of a run that was given faults while it went on. */
const FAULTS = 'faults.yaml';

/** Level by level: Node's own recursive form does not return on file systems that refuse folders, such as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

/** A header of the columns in the first row's order, then one line a row. */
function csvOf(rows: readonly RequestRow[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','));
  return `${columns.join(',')}\n${lines.join('\n')}\n`;
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
