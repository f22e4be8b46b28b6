import cliProgress from 'cli-progress';
import { formatDurationPs, PS_PER_S } from '../../base/units.ts';
import type { WorkloadProgress } from '../../time/node.ts';
import type { RunObserver } from './run-observer.ts';

const PLAIN_LINE_EVERY_MS = 2_000;
const WORKLOAD_WIDTH = 10;
const LONGEST_BAR = 40;
const SHORTEST_BAR = 4;
/** What emulated time passes with until the first request is answered. */
const LOADING = 'loading firmware';

/** Shows how far a run is on standard error: bars on a terminal, now and then a line elsewhere, nothing when quiet. */
export interface ProgressDisplay extends RunObserver {
  readonly standing: RunStanding;
  /** What goes on before emulated time begins: `starting 7 processes`. */
  stage(stage: string): void;
  requestStop(): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

/** How far a run is. */
export interface RunStanding {
  readonly emulatedSeconds: number;
  /** Requests settled and in all, by workload. */
  readonly requests: Readonly<Record<string, { readonly completed: number; readonly total: number }>>;
}

export function openProgressDisplay(stream: NodeJS.WriteStream, quiet: boolean): ProgressDisplay {
  if (quiet) return new QuietDisplay();
  const canMoveCursor = stream.isTTY && process.env.TERM !== 'dumb';
  return canMoveCursor ? new BarDisplay(stream) : new LineDisplay(stream);
}

class QuietDisplay implements ProgressDisplay {
  stopRequested = false;
  protected emulatedPs = 0;
  private readonly requests: Record<string, { completed: number; total: number }> = {};

  get standing(): RunStanding {
    return { emulatedSeconds: this.emulatedPs / PS_PER_S, requests: this.requests };
  }
  stage(_stage: string): void {}
  progress(_node: string, { workload, completed, total }: WorkloadProgress): void {
    this.requests[workload] = { completed, total };
  }
  emulatedTime(nowPs: number): void {
    this.emulatedPs = nowPs;
  }
  requestStop(): void {
    this.stopRequested = true;
  }
  close(): void {}
}

interface BarFields {
  readonly line: (columns: number, completed: number, total: number) => string;
}

/** A line that says what goes on, and below it a bar for each workload; each as wide as the terminal lets it be. */
class BarDisplay extends QuietDisplay {
  private readonly bars: cliProgress.MultiBar;
  private readonly byWorkload = new Map<string, cliProgress.SingleBar>();
  private doing = 'starting';
  private isCarrying = false;

  constructor(stream: NodeJS.WriteStream) {
    super();
    this.bars = new cliProgress.MultiBar({
      stream,
      // At every drawing, so that a terminal may change its width meanwhile.
      format: (_options, params, { line }: BarFields) => line(params.maxWidth, params.value, params.total),
      hideCursor: true,
      clearOnComplete: false,
    });
    this.bars.create(1, 0, { line: (columns: number) => statusLine(columns, this.doing, this.emulatedPs) });
  }

  override stage(stage: string): void {
    this.doing = stage;
    // What comes next may keep this process busy for a second.
    this.bars.update();
  }

  override progress(node: string, progress: WorkloadProgress): void {
    super.progress(node, progress);
    const { workload, completed, total } = progress;
    if (completed > 0) {
      this.isCarrying = true;
      this.doing = 'carrying requests';
    }
    const bar = this.byWorkload.get(workload);
    if (bar !== undefined) {
      bar.update(completed);
      return;
    }
    const line = (columns: number, value: number) => barLine(columns, workload, value, total);
    this.byWorkload.set(workload, this.bars.create(total, completed, { line }));
  }

  override emulatedTime(nowPs: number): void {
    super.emulatedTime(nowPs);
    if (nowPs > 0 && !this.isCarrying) this.doing = LOADING;
  }

  override close(): void {
    this.bars.stop();
  }
}

/** `carrying requests, emulated 10.2 s` */
export function statusLine(columns: number, doing: string, emulatedPs: number): string {
  const emulated = emulatedPs > 0 ? `, emulated ${formatDurationPs(emulatedPs)}` : ' ...';
  return `${doing}${emulated}`.slice(0, columns - 1);
}

/** `web        [=====     ] 1500/3000`, the bar as long as the line lets it be, left out where there is no room. */
export function barLine(columns: number, workload: string, completed: number, total: number): string {
  const name = workload.padEnd(WORKLOAD_WIDTH);
  const count = `${String(completed).padStart(String(total).length)}/${total}`;
  // The last column stays free: some terminals go on to the next line once it is written.
  const room = columns - 1 - `${name} [] ${count}`.length;
  if (room < SHORTEST_BAR) return `${name} ${count}`.slice(0, columns - 1);
  const length = Math.min(room, LONGEST_BAR);
  const filled = Math.floor((length * completed) / total);
  return `${name} [${'='.repeat(filled)}${' '.repeat(length - filled)}] ${count}`;
}

class LineDisplay extends QuietDisplay {
  private readonly stream: NodeJS.WriteStream;
  private lastLineMs = 0;
  private hasBegun = false;

  constructor(stream: NodeJS.WriteStream) {
    super();
    this.stream = stream;
  }

  override stage(stage: string): void {
    this.stream.write(`${stage} ...\n`);
  }

  override progress(node: string, progress: WorkloadProgress): void {
    super.progress(node, progress);
    const { workload, completed, total } = progress;
    const nowMs = Date.now();
    if (completed === 0) return;
    if (completed !== total && nowMs - this.lastLineMs < PLAIN_LINE_EVERY_MS) return;
    this.lastLineMs = nowMs;
    this.hasBegun = true;
    this.stream.write(`${workload}: ${completed} of ${total} requests\n`);
  }

  override emulatedTime(nowPs: number): void {
    super.emulatedTime(nowPs);
    if (nowPs === 0 || this.hasBegun) return;
    this.hasBegun = true;
    this.stage(LOADING);
  }
}
