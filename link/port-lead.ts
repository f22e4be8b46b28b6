import { assert } from '../base/assert.ts';
import { NEVER_PS } from '../base/units.ts';
import type { ConservativeClock } from '../time/conservative-clock.ts';
import type { PortIndependence } from '../time/node.ts';
import type { Scheduler } from '../time/scheduler.ts';
import type { IngressPort } from './ingress-port.ts';

/** A node of this process whose output ports share no state, and where its cables lead. */
export interface IndependentNode {
  readonly independence: PortIndependence;
  /** By port. */
  readonly ingress: readonly IngressPort[];
  /** Index of each port's link. */
  readonly links: readonly number[];
}

/** A channel as it concerns the order of frames. */
interface LeadChannel {
  readonly links: readonly number[];
  /** Least time from an event here to the arrival of what it makes the peer send. */
  readonly returnPs: number;
}

interface Place {
  readonly node: IndependentNode;
  readonly port: number;
}

/**
 * Lets ports that share no state be ahead in time. The first pending event may be one that is not safe for its process,
 * because a frame may still come in before it; but when that frame cannot leave by the same port, or comes after this one
 * on the same cable, the order of the two makes no difference, and the event may be executed before its turn.
 *
 * Let n be the instant of that event, q the port where its frame came in and o the one by which it leaves; c(p) the
 * channel of port p, H its horizon, and r(c) the least time until something that happens here returns on c. What can
 * still come in before n and leave by o comes in at some other port p that reaches o, and so
 *
 * - either by itself: not if H(c(p)) > n;
 * - or in answer to what passes through here first. What is pending is not before n, and returns later still. What is to
 *   come at d is not before H(d), and returns on c(p) not before H(d) + r(c(p)): not if that is > n. A channel d of q's
 *   link alone brings nothing before n, since frames of a link come in order.
 *
 * On the port q itself nothing more comes before n, for the same reason.
 */
export class PortLead {
  private readonly scheduler: Scheduler;
  private readonly clock: ConservativeClock;
  private readonly channels: readonly LeadChannel[];
  private readonly places = new Map<number, Place>();
  /** By link. */
  private readonly channelOf = new Map<number, number>();

  constructor(
    nodes: readonly IndependentNode[],
    channels: readonly LeadChannel[],
    clock: ConservativeClock,
    scheduler: Scheduler,
  ) {
    this.channels = channels;
    this.clock = clock;
    this.scheduler = scheduler;
    for (const [index, channel] of channels.entries())
      for (const link of channel.links) this.channelOf.set(link, index);
    for (const node of nodes) {
      // What comes from a node of this process has no horizon of its own.
      if (!node.links.every((link) => this.channelOf.has(link))) continue;
      for (const [port, ingress] of node.ingress.entries()) this.places.set(ingress.handle, { node, port });
    }
  }

  /** Executes first events before their turn as long as that is safe. @returns how many, at most `maximumEvents` */
  run(maximumEvents: number): number {
    let count = 0;
    while (count < maximumEvents && this.mayLead()) {
      this.scheduler.runAhead();
      count++;
    }
    return count;
  }

  private mayLead(): boolean {
    const eventPs = this.scheduler.nextEventPs();
    if (eventPs === NEVER_PS || this.places.size === 0) return false;
    const place = this.places.get(this.scheduler.nextSlot());
    if (place === undefined) return false;
    const { node, port: ingress } = place;
    const egress = node.independence.egressOf(ingress, node.ingress[ingress]!.firstFrame());
    if (egress < 0) return true;
    const ingressChannel = this.channelAt(node, ingress);
    let earliestPs = NEVER_PS;
    for (let d = 0; d < this.channels.length; d++) {
      if (d === ingressChannel && this.channels[d]!.links.length === 1) continue;
      earliestPs = Math.min(earliestPs, this.clock.horizonPs(d));
    }
    for (let port = 0; port < node.links.length; port++) {
      if (port === ingress || !node.independence.reaches(port, egress)) continue;
      const channel = this.channelAt(node, port);
      if (this.clock.horizonPs(channel) <= eventPs) return false;
      if (earliestPs + this.channels[channel]!.returnPs <= eventPs) return false;
    }
    return true;
  }

  private channelAt(node: IndependentNode, port: number): number {
    const channel = this.channelOf.get(node.links[port]!);
    assert(channel !== undefined, 'a port of an independent node leads to no channel');
    return channel;
  }
}
