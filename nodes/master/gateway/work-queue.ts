import type { HostCpu } from '../../../host/host-cpu.ts';
import type { UdpFrame } from '../../../packet/udp-frame.ts';
import type { NodeContext } from '../../../time/node.ts';

/** A datagram to handle, or the id of a request to send again. */
export type Work = UdpFrame | number;

const COMPACT_AT = 1024;

/**
 * The gateway's messages before the processor. All take equally long and the processor takes work in order, so that
 * work ends in the order in which it came: a queue and one callback serve all, without a closure a message.
 */
export class WorkQueue {
  private readonly context: Pick<NodeContext, 'nowPs'>;
  private readonly cpu: Pick<HostCpu, 'run'>;
  private readonly servicePs: number;
  private readonly handle: (work: Work, arrivedPs: number) => void;
  private readonly work: Work[] = [];
  private readonly arrivedPs: number[] = [];
  private head = 0;
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
    this.work.push(work);
    this.arrivedPs.push(this.context.nowPs());
    this.cpu.run(this.servicePs, this.onDone);
  }

  private finish(): void {
    const work = this.work[this.head] as Work;
    const arrivedPs = this.arrivedPs[this.head] as number;
    this.head++;
    if (this.head === this.work.length || this.head >= COMPACT_AT) {
      this.work.splice(0, this.head);
      this.arrivedPs.splice(0, this.head);
      this.head = 0;
    }
    this.handle(work, arrivedPs);
  }
}
