import type { PresentCounters, StampedInput } from '../../link/network.ts';
import type { OutsideInput, OutsideOutput } from '../../time/node.ts';

/** Whoever runs the nodes and takes what comes from outside. */
export interface InputTaker {
  input(node: string, input: OutsideInput): void;
  /** No more inputs: the run may come to its end. */
  close(): void;
  /** How the nodes stand, a part for each process; each part is of an instant of its own. */
  look(): Promise<readonly PresentCounters[]>;
}

/**
 * The door between people outside and the nodes of a run, whatever carries the run. What is given before the run begins
 * waits here.
 */
export class OutsideDoor {
  /** Nodes that are given inputs. */
  readonly nodes: readonly string[];
  /** A node has something to say. */
  onOutput: (node: string, output: OutsideOutput) => void = () => {};
  /** An input was given its instant; in the order of the journal. */
  onStamped: (stamped: StampedInput) => void = () => {};
  private taker: InputTaker | undefined;
  private inputs = 0;
  private waiting: { readonly node: string; readonly input: OutsideInput }[] = [];
  private closed = false;

  constructor(nodes: readonly string[]) {
    this.nodes = nodes;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** A number for the next input, whoever gives it. */
  nextInputId(): number {
    return ++this.inputs;
  }

  /** What comes when the door is closed is not taken. */
  give(node: string, input: OutsideInput): void {
    if (this.closed) return;
    if (this.taker === undefined) this.waiting.push({ node, input });
    else this.taker.input(node, input);
  }

  /** Lets the run come to its end. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.taker?.close();
  }

  /** How the nodes stand; nothing before the run has begun. */
  async look(): Promise<readonly PresentCounters[]> {
    return (await this.taker?.look()) ?? [];
  }

  /** The run has begun. */
  open(taker: InputTaker): void {
    this.taker = taker;
    for (const { node, input } of this.waiting) taker.input(node, input);
    this.waiting = [];
    if (this.closed) taker.close();
  }
}
