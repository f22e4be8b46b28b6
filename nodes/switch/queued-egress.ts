import { congestionOf, markCongestion, NOT_ECT } from '../../packet/congestion.ts';
import { PRIORITIES } from '../../packet/priority-map.ts';
import type { NodeContext, Passage } from '../../time/node.ts';
import { ownedOctets } from '../../topology/buffer-shares.ts';
import type { SwitchQueue, SwitchQueueing } from '../../topology/switch-options.ts';
import { type CongestionMarker, createMarker } from './congestion-marker.ts';
import { DynamicBuffer } from './dynamic-buffer.ts';
import { type EgressStage, NO_INGRESS, type QueueReport } from './egress-stage.ts';
import type { FlowControl } from './flow-control.ts';
import { QueueSampler } from './queue-sampler.ts';

/** What a queue does with a frame besides taking it. */
type Discard =
  | 'dynamic-threshold'
  | 'shared-buffer-full'
  | 'pfc-headroom-exceeded'
  | 'early-drop'
  | 'egress-queue-full';

/**
 * Several queues a port: reserves and dynamic thresholds on the shared buffer, marking of congestion, and flow control
 * towards who sends. The ports (link/priority-egress-port.ts) say when a frame has its place on the wire.
 */
export class QueuedEgress implements EgressStage {
  private readonly context: NodeContext;
  private readonly buffer: DynamicBuffer;
  private readonly flowControl: FlowControl | undefined;
  /** By port, then by queue. */
  private readonly queuesOf: readonly (readonly Queue[])[];
  private readonly queueOf = new Int8Array(PRIORITIES);
  private heldOctets = 0;
  private maximumOctets = 0;

  /** @param boundOctets of the whole buffer */
  constructor(
    context: NodeContext,
    spec: SwitchQueueing,
    boundOctets: number,
    flowControl: FlowControl | undefined,
    samplePeriodPs: number | undefined,
  ) {
    this.context = context;
    this.flowControl = flowControl;
    const slots: SwitchQueue[] = [];
    this.queuesOf = context.ports.map(({ name, octetPs }) =>
      spec.queues.map((queue, index) => {
        slots.push(queue);
        const random = () => context.random(`early-detection/${name}/${index}`);
        const marker = queue.marking && createMarker(queue.marking, octetPs, random());
        const sampler = samplePeriodPs === undefined ? undefined : new QueueSampler(samplePeriodPs);
        return new Queue(slots.length - 1, name, queue, marker, sampler);
      }),
    );
    for (const [index, { priorities }] of spec.queues.entries())
      for (const each of priorities) this.queueOf[each] = index;
    this.buffer = new DynamicBuffer(boundOctets - ownedOctets(spec, context.ports.length), slots);
  }

  offer(
    ingress: number,
    egress: number,
    frame: Uint8Array,
    priority: number,
    readyPs: number,
    nowPs: number,
  ): Uint8Array | undefined {
    const queue = this.queuesOf[egress]![this.queueOf[priority] as number]!;
    const octets = frame.length;
    const isProtected = ingress !== NO_INGRESS && this.flowControl?.protects(priority) === true;
    if (isProtected) {
      if (!this.flowControl!.hasRoom(ingress, priority, octets))
        return this.drop(queue, 'pfc-headroom-exceeded', octets);
    } else {
      const verdict = this.buffer.verdict(queue.slot, octets);
      if (verdict !== 'room') return this.drop(queue, verdict, octets);
    }
    let leaving = frame;
    if (queue.marker?.arrives(queue.octets, nowPs)) {
      if (congestionOf(frame) !== NOT_ECT) {
        leaving = markCongestion(frame);
        queue.framesMarked++;
      } else if (queue.spec.marking!.kind === 'red' && !isProtected) {
        // Who does not understand a mark understands a loss (RFC 3168 section 5).
        return this.drop(queue, 'early-drop', octets);
      }
    }
    const passage = new Buffered(this, priority, queue, octets, isProtected ? ingress : NO_INGRESS);
    if (!this.context.send(egress, leaving, readyPs, passage)) {
      // The port has recorded it.
      queue.count('egress-queue-full');
      return undefined;
    }
    this.hold(passage, nowPs);
    return leaving;
  }

  /** A frame has its place on the wire: its memory is free from `endPs` on. */
  leaves(passage: Buffered, endPs: number): void {
    this.context.at(endPs, () => this.release(passage));
  }

  counters(): Record<string, number> {
    const discards = this.queuesOf.flat().reduce((sum, queue) => sum + (queue.discards['shared-buffer-full'] ?? 0), 0);
    return { sharedBufferDiscards: discards, sharedBufferMaximumOctets: this.maximumOctets };
  }

  queues(): QueueReport[] {
    return this.queuesOf.flat().map((queue) => ({
      port: queue.port,
      priorities: queue.spec.priorities.join(' '),
      counters: {
        maximumOctets: queue.maximumOctets,
        framesQueued: queue.framesQueued,
        framesMarked: queue.framesMarked,
        ...queue.discards,
      },
      samples: queue.sampler?.samples() ?? [],
    }));
  }

  private hold({ queue, octets, priority, ingress }: Buffered, nowPs: number): void {
    this.heldOctets += octets;
    if (this.heldOctets > this.maximumOctets) this.maximumOctets = this.heldOctets;
    queue.join(octets, nowPs);
    if (ingress === NO_INGRESS) this.buffer.add(queue.slot, octets);
    else this.flowControl!.add(ingress, priority, octets);
  }

  private release({ queue, octets, priority, ingress }: Buffered): void {
    this.heldOctets -= octets;
    queue.leave(octets, this.context.nowPs());
    if (ingress === NO_INGRESS) this.buffer.remove(queue.slot, octets);
    else this.flowControl!.remove(ingress, priority, octets);
  }

  private drop(queue: Queue, reason: Discard, octets: number): undefined {
    queue.count(reason);
    const priorities = queue.spec.priorities.join(' ');
    this.context.record({ kind: 'frame-dropped', port: queue.port, queue: priorities, reason, octets });
    return undefined;
  }
}

/** A frame in the buffer. */
class Buffered implements Passage {
  readonly priority: number;
  readonly queue: Queue;
  readonly octets: number;
  /** The port whose share it takes under flow control, or NO_INGRESS: it takes the queue's. */
  readonly ingress: number;
  private readonly stage: QueuedEgress;

  constructor(stage: QueuedEgress, priority: number, queue: Queue, octets: number, ingress: number) {
    this.stage = stage;
    this.priority = priority;
    this.queue = queue;
    this.octets = octets;
    this.ingress = ingress;
  }

  leaves(endPs: number): void {
    this.stage.leaves(this, endPs);
  }
}

/** One queue of one port, as far as the switch keeps account of it. */
class Queue {
  /** Place among all queues of the switch. */
  readonly slot: number;
  readonly port: string;
  readonly spec: SwitchQueue;
  readonly marker: CongestionMarker | undefined;
  readonly sampler: QueueSampler | undefined;
  readonly discards: Partial<Record<Discard, number>> = {};
  octets = 0;
  maximumOctets = 0;
  framesQueued = 0;
  framesMarked = 0;

  constructor(
    slot: number,
    port: string,
    spec: SwitchQueue,
    marker: CongestionMarker | undefined,
    sampler: QueueSampler | undefined,
  ) {
    this.slot = slot;
    this.port = port;
    this.spec = spec;
    this.marker = marker;
    this.sampler = sampler;
  }

  join(octets: number, nowPs: number): void {
    this.octets += octets;
    this.framesQueued++;
    if (this.octets > this.maximumOctets) this.maximumOctets = this.octets;
    this.sampler?.change(nowPs, this.octets);
  }

  leave(octets: number, nowPs: number): void {
    this.octets -= octets;
    this.sampler?.change(nowPs, this.octets);
    if (this.octets === 0) this.marker?.emptied(nowPs);
  }

  count(reason: Discard): void {
    this.discards[reason] = (this.discards[reason] ?? 0) + 1;
  }
}
