import type { HostCpu } from '../../../host/host-cpu.ts';
import type { UdpFrame } from '../../../packet/udp-frame.ts';
import type { NodeContext } from '../../../time/node.ts';

/** A datagram to handle, or the id of a request to send again. */
export type Work = UdpFrame | number;

const INITIAL_CAPACITY = 64;

/**
 * The gateway's messages before the processor. All take equally long and the processor takes work in order, so that
 * work ends in the order in which it came: a queue and one callback serve all, without a closure a message.
 */
export class WorkQueue {
  private readonly context: Pick<NodeContext, 'nowPs'>;
  private readonly cpu: Pick<HostCpu, 'run'>;
  private readonly servicePs: number;
  private readonly handle: (work: Work, arrivedPs: number) => void;
  /** What waits and since when: two rings of a power of two, from `head` on. */
  private work: (Work | undefined)[] = new Array(INITIAL_CAPACITY).fill(undefined);
  private arrivedPs = new Float64Array(INITIAL_CAPACITY);
  private head = 0;
  private count = 0;
  private readonly onDone = (): void => this.finish();

  constructor(
    context: Pick<NodeContext, 'nowPs'>,
    cpu: Pick<HostCpu, 'run'>,
    servicePs: number,
    handle: (work: Work, arrivedPs: number) => void,
  ) {
    this.context = context;
    this.cpu = cpu;
    this.servicePs = servicePs;
    this.handle = handle;
  }

  push(work: Work): void {
    if (this.count === this.work.length) this.grow();
    const place = (this.head + this.count) & (this.work.length - 1);
    this.work[place] = work;
    this.arrivedPs[place] = this.context.nowPs();
    this.count++;
    this.cpu.run(this.servicePs, this.onDone);
  }

  private finish(): void {
    const work = this.work[this.head] as Work;
    const arrivedPs = this.arrivedPs[this.head] as number;
    this.work[this.head] = undefined;
    this.head = (this.head + 1) & (this.work.length - 1);
    this.count--;
    this.handle(work, arrivedPs);
  }

  private grow(): void {
    const size = this.work.length;
    const work: (Work | undefined)[] = new Array(size * 2).fill(undefined);
    const arrivedPs = new Float64Array(size * 2);
    for (let i = 0; i < this.count; i++) {
      const place = (this.head + i) & (size - 1);
      work[i] = this.work[place];
      arrivedPs[i] = this.arrivedPs[place] as number;
    }
    this.work = work;
    this.arrivedPs = arrivedPs;
    this.head = 0;
  }
}
