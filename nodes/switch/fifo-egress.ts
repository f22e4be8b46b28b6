import type { NodeContext } from '../../time/node.ts';
import type { EgressStage, QueueReport } from './egress-stage.ts';
import { QueueSampler } from './queue-sampler.ts';
import { SharedBuffer } from './shared-buffer.ts';

/** One FIFO queue a port over a shared buffer: no event is needed when a frame leaves. */
export class FifoEgress implements EgressStage {
  private readonly context: NodeContext;
  private readonly buffer: SharedBuffer;
  private readonly samplers: readonly QueueSampler[] | undefined;
  private sharedBufferDiscards = 0;

  /** @param samplePeriodPs undefined: no samples */
  constructor(context: NodeContext, boundOctets: number, samplePeriodPs: number | undefined) {
    this.context = context;
    this.samplers =
      samplePeriodPs === undefined ? undefined : context.ports.map(() => new QueueSampler(samplePeriodPs));
    this.buffer = new SharedBuffer(boundOctets, context.ports.length, this.samplers);
  }

  offer(
    _ingress: number,
    egress: number,
    frame: Uint8Array,
    _priority: number,
    readyPs: number,
    nowPs: number,
  ): Uint8Array | undefined {
    const octets = frame.length;
    if (!this.buffer.hasRoom(octets, nowPs)) {
      this.sharedBufferDiscards++;
      const port = this.context.ports[egress]!.name;
      this.context.record({ kind: 'frame-dropped', port, reason: 'shared-buffer-full', octets });
      return undefined;
    }
    if (!this.context.send(egress, frame, readyPs)) return undefined;
    this.buffer.admit(egress, octets, this.context.busyUntilPs(egress), nowPs);
    return frame;
  }

  counters(): Record<string, number> {
    return { sharedBufferDiscards: this.sharedBufferDiscards, sharedBufferMaximumOctets: this.buffer.maximumOctets };
  }

  queues(): QueueReport[] {
    return (this.samplers ?? []).map((sampler, port) => {
      const settled = sampler.copy();
      this.buffer.departures(port, (endPs, octets) => settled.change(endPs, octets));
      return {
        port: this.context.ports[port]!.name,
        priorities: 'all',
        counters: {},
        samples: settled.samples(),
      };
    });
  }
}
