import path from 'node:path';
import { formatPosition, InputError, type SourcePosition } from '../../base/errors.ts';
import { formatDurationPs } from '../../base/units.ts';
import type { FaultPlan, LinkFault } from '../../faults/fault.ts';
import { type FaultDocument, faultsFileSchema } from '../../topology/fault-schema.ts';
import { readSource } from '../../topology/load-topology.ts';
import { addFault, checkFault, type FaultedNetwork, type FaultSource } from '../../topology/resolve-faults.ts';
import { readYaml } from '../../topology/yaml-document.ts';

/** A run that executes nothing, in any of its processes, until it is told what is new. */
export interface Standstill {
  /** The last event that was executed, ps. */
  readonly nowPs: number;
  /** By sending port: the first instant for which nothing has been decided, ps. */
  readonly unboundFromPs: Readonly<Record<string, number>>;
}

/** What was done, and the emulated time from which on it holds. */
export interface LiveChange {
  readonly fault: string;
  readonly change: 'begins' | 'ends';
  readonly atPs: number;
}

export type FaultAnswer = (LiveChange & { readonly at: string }) | { readonly error: string };

type Order = { readonly answer: (answer: FaultAnswer) => void } & (
  | { readonly kind: 'begin'; readonly document: FaultDocument; readonly source: FaultSource }
  | { readonly kind: 'end'; readonly name: string }
);

/**
 * Faults that people order while a run goes on. An order is checked when it comes and decided when the run stands still:
 * it holds from the first instant for which nothing has been decided anywhere. So a run with the same faults from its
 * start, at these instants, is the same run.
 */
export class LiveFaults {
  /** An order has come in: bring the run to a standstill, `decide`, impose what that says, then `confirm`. */
  onOrder: () => void = () => {};
  /** Something was imposed. */
  onChange: (change: LiveChange) => void = () => {};
  private readonly network: FaultedNetwork;
  private plan: FaultPlan;
  private waiting: Order[] = [];
  private decided: { readonly change: LiveChange; readonly answer: Order['answer'] }[] = [];
  private isOver = false;

  /** @param plan the faults that the run has from its start */
  constructor(network: FaultedNetwork, plan: FaultPlan) {
    this.network = network;
    this.plan = plan;
  }

  /** Every fault of the run, live ones included, without those that were ended before they began. */
  get all(): FaultPlan {
    const everHeld = ({ schedule }: LinkFault) => (schedule.untilPs ?? Number.POSITIVE_INFINITY) > schedule.atPs;
    return { ...this.plan, links: this.plan.links.filter(everHeld) };
  }

  get hasOrders(): boolean {
    return this.waiting.length > 0;
  }

  /**
   * Begins a fault.
   * @param text an entry of a topology's `faults`, as YAML or JSON, with or without its braces
   * @param folder of files that it names
   */
  begin(text: string, folder: string): Promise<FaultAnswer> {
    return this.order((answer) => {
      const { document, source } = readFault(text, folder);
      checkFault(this.plan, document, source, this.network);
      return { kind: 'begin', document, source, answer };
    });
  }

  /** Ends a fault of a link for good. */
  end(name: string): Promise<FaultAnswer> {
    return this.order((answer) => {
      this.linkFaults(name);
      return { kind: 'end', name, answer };
    });
  }

  /** What is to be imposed on a run that stands still; nothing when all orders turn out to be wrong. */
  decide(standstill: Standstill): FaultPlan {
    let changed: FaultPlan = { links: [], nodes: [] };
    for (const order of this.waiting) {
      try {
        const before = this.plan;
        const change = order.kind === 'begin' ? this.decideBegin(order, standstill) : this.decideEnd(order, standstill);
        const isNew =
          <T>(list: readonly T[]) =>
          (fault: T) =>
            !list.includes(fault);
        changed = {
          links: [...changed.links, ...this.plan.links.filter(isNew(before.links))],
          nodes: [...changed.nodes, ...this.plan.nodes.filter(isNew(before.nodes))],
        };
        this.decided.push({ change, answer: order.answer });
      } catch (error) {
        order.answer(refusal(error));
      }
    }
    this.waiting = [];
    return changed;
  }

  /** What was decided has been imposed. */
  confirm(): void {
    for (const { change, answer } of this.decided) {
      this.onChange(change);
      answer({ ...change, at: formatDurationPs(change.atPs) });
    }
    this.decided = [];
  }

  /** The run is over: orders that come now are refused. */
  close(): void {
    this.isOver = true;
    for (const { answer } of [...this.waiting, ...this.decided]) answer(RUN_IS_OVER);
    this.waiting = [];
    this.decided = [];
  }

  private order(check: (answer: Order['answer']) => Order): Promise<FaultAnswer> {
    return new Promise((resolve) => {
      if (this.isOver) {
        resolve(RUN_IS_OVER);
        return;
      }
      try {
        this.waiting.push(check(resolve));
      } catch (error) {
        resolve(refusal(error));
        return;
      }
      this.onOrder();
    });
  }

  private decideBegin(order: Extract<Order, { kind: 'begin' }>, standstill: Standstill): LiveChange {
    const { document, source } = order;
    const ports = 'node' in document ? [] : this.portsOf(document.link, document.from);
    const atPs = Math.max(document.at ?? 0, earliestPs(standstill, ports));
    const dated = { ...document, at: atPs };
    const fault = checkFault(this.plan, dated, source, this.network);
    this.plan = addFault(this.plan, dated, 0, source, this.network);
    return { fault, change: 'begins', atPs };
  }

  private decideEnd({ name }: Extract<Order, { kind: 'end' }>, standstill: Standstill): LiveChange {
    const ports = this.linkFaults(name).map(({ from }) => from);
    const atPs = earliestPs(standstill, ports);
    const ended = (fault: LinkFault): LinkFault =>
      fault.name === name ? { ...fault, schedule: { ...fault.schedule, untilPs: atPs } } : fault;
    this.plan = { ...this.plan, links: this.plan.links.map(ended) };
    return { fault: name, change: 'ends', atPs };
  }

  private portsOf(link: string, from: string | undefined): string[] {
    const { ends } = this.network.links.find(({ name }) => name === link)!;
    return from === undefined ? ends.map(({ name }) => name) : [from];
  }

  private linkFaults(name: string): readonly LinkFault[] {
    const found = this.plan.links.filter((fault) => fault.name === name);
    if (found.length > 0) return found;
    const known = [...new Set(this.plan.links.map((fault) => fault.name))];
    const expected = known.length === 0 ? 'none is there' : `expected one of ${known.join(', ')}`;
    throw new InputError('unknown-fault', `no fault of a link '${name}': ${expected}`);
  }
}

const RUN_IS_OVER: FaultAnswer = { error: 'the run is over' };

/** After all that was executed, and after all that the ports have decided. */
function earliestPs({ nowPs, unboundFromPs }: Standstill, ports: readonly string[]): number {
  return Math.max(nowPs + 1, ...ports.map((port) => unboundFromPs[port] ?? 0));
}

function refusal(error: unknown): FaultAnswer {
  if (error instanceof InputError) return { error: error.message };
  throw error;
}

/** What messages call the text of an order. */
const ORDER = 'fault';

/** Reads one fault in the form of a topology's list. */
function readFault(text: string, folder: string): { document: FaultDocument; source: FaultSource } {
  const [open, close] = text.trimStart().startsWith('{') ? ['{ faults: [', '] }'] : ['{ faults: [{', '}] }'];
  // On lines of their own, so that columns are those of the text.
  const wrapped = { path: ORDER, text: `${open}\n${text}\n${close}\n` };
  const atText = ({ file, line, column }: SourcePosition): SourcePosition =>
    line === 1 ? { file, line, column: 1 } : { file, line: line - 1, column };
  try {
    const { value, positionOf } = readYaml(wrapped, faultsFileSchema);
    const [document, ...others] = value.faults;
    if (document === undefined || others.length > 0) {
      throw new InputError('bad-value', `expected one fault, got ${value.faults.length}`, positionOf(['faults']));
    }
    const source = {
      positionOf: (at: Parameters<typeof positionOf>[0]) => atText(positionOf(at)),
      readBeside: (name: string) => readSource(path.resolve(folder, name)),
    };
    return { document, source };
  } catch (error) {
    if (!(error instanceof InputError) || error.position?.file !== ORDER) throw error;
    const message = error.message.slice(formatPosition(error.position).length + 2);
    throw new InputError(error.code, message, atText(error.position));
  }
}
