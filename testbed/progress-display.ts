import cliProgress from 'cli-progress';
import { formatDurationPs } from '../base/units.ts';
import type { WorkloadProgress } from '../time/node.ts';
import type { RunObserver } from './run-observer.ts';

const PLAIN_LINE_EVERY_MS = 2_000;

/** Shows how far a run is on standard error: bars on a terminal, now and then a line elsewhere, nothing when quiet. */
export interface ProgressDisplay extends RunObserver {
  requestStop(): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

export function openProgressDisplay(stream: NodeJS.WriteStream, quiet: boolean): ProgressDisplay {
  if (quiet) return new QuietDisplay();
  return stream.isTTY ? new BarDisplay(stream) : new LineDisplay(stream);
}

class QuietDisplay implements ProgressDisplay {
  stopRequested = false;
  progress(_node: string, _progress: WorkloadProgress): void {}
  emulatedTime(_nowPs: number): void {}
  requestStop(): void {
    this.stopRequested = true;
  }
  close(): void {}
}

class BarDisplay extends QuietDisplay {
  private readonly bars: cliProgress.MultiBar;
  private readonly byWorkload = new Map<string, cliProgress.SingleBar>();
  private emulated = '0 ps';

  constructor(stream: NodeJS.WriteStream) {
    super();
    this.bars = new cliProgress.MultiBar({
      stream,
      format: '{workload} [{bar}] {value}/{total} requests   emulated {emulated}',
      hideCursor: true,
      clearOnComplete: false,
      barCompleteChar: '=',
      barIncompleteChar: ' ',
    });
  }

  override progress(_node: string, { workload, completed, total }: WorkloadProgress): void {
    const fields = { workload: workload.padEnd(10), emulated: this.emulated };
    const bar = this.byWorkload.get(workload);
    if (bar === undefined) this.byWorkload.set(workload, this.bars.create(total, completed, fields));
    else bar.update(completed, fields);
  }

  override emulatedTime(nowPs: number): void {
    this.emulated = formatDurationPs(nowPs);
  }

  override close(): void {
    this.bars.stop();
  }
}

class LineDisplay extends QuietDisplay {
  private readonly stream: NodeJS.WriteStream;
  private lastLineMs = 0;

  constructor(stream: NodeJS.WriteStream) {
    super();
    this.stream = stream;
  }

  override progress(_node: string, { workload, completed, total }: WorkloadProgress): void {
    const nowMs = Date.now();
    if (completed !== total && nowMs - this.lastLineMs < PLAIN_LINE_EVERY_MS) return;
    this.lastLineMs = nowMs;
    this.stream.write(`${workload}: ${completed} of ${total} requests\n`);
  }
}
