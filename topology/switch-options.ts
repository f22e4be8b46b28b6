import type { PriorityMap } from '../packet/priority-map.ts';

/**
 * What a topology file asks of a switch beside its profile, resolved: ports are indices of the switch's `ports`,
 * durations picoseconds, sizes octets. What is absent is not done.
 */
export interface SwitchOptions {
  /** MAC of the bridge; port i sends as this + 1 + i. */
  readonly bridgeMac: number;
  /** By port; absent: the switch knows nothing of VLANs and passes tags on as they are. */
  readonly vlanPorts?: readonly VlanPort[];
  /** How frames get their priority, by port; of a switch that has a use for it. */
  readonly priorities?: readonly PriorityMap[];
  readonly queueing?: SwitchQueueing;
  readonly mirrors?: readonly Mirror[];
  /** By port. */
  readonly stormControl?: readonly (StormControl | undefined)[];
  readonly staticMacs?: readonly StaticMac[];
  /** Output ports share no state: static MACs, no learning, no flooding, no shared buffer. */
  readonly independentPorts?: IndependentPorts;
  readonly lldp?: LldpSpec;
  /** How often the depth of each queue is sampled. */
  readonly samplePeriodPs?: number;
}

export interface IndependentPorts {
  /** Ports that do not reach one another. */
  readonly isolated: readonly number[];
}

/** Which VLANs a port carries (IEEE 802.1Q-2018, 6.9 and 8.6.1). */
export type VlanPort =
  | { readonly mode: 'access'; readonly vlan: number }
  /** `native` is what frames without a tag belong to, and leaves without one; `tagged` does not hold it. */
  | { readonly mode: 'trunk'; readonly native: number | undefined; readonly tagged: readonly number[] };

export interface SwitchQueueing {
  /** Of every port, by precedence. */
  readonly queues: readonly SwitchQueue[];
  readonly flowControl?: FlowControlSpec;
}

export interface SwitchQueue {
  readonly priorities: readonly number[];
  /** Share among the weighted queues; absent: strict priority. */
  readonly weight?: number;
  /**
   * Dynamic threshold (Choudhury and Hahne, 1998): the queue may hold so many times what is free of the shared pool;
   * absent: all of it.
   */
  readonly alpha?: number;
  /** Octets of the buffer that no other queue can take. */
  readonly reserveOctets: number;
  readonly marking?: MarkingSpec;
}

export type MarkingSpec =
  /** DCTCP (RFC 8257): frames that find more than this in their queue are marked. */
  | { readonly kind: 'threshold'; readonly thresholdOctets: number }
  /** Random early detection (Floyd and Jacobson, 1993) on the average depth. */
  | {
      readonly kind: 'red';
      readonly minimumOctets: number;
      readonly maximumOctets: number;
      readonly probability: number;
      readonly weight: number;
    };

/** Priority-based flow control (IEEE 802.1Q-2018 clause 36). */
export interface FlowControlSpec {
  readonly priorities: readonly number[];
  /** Octets of one port and priority in the buffer above which the sender is told to pause, and at which to go on. */
  readonly xoffOctets: number;
  readonly xonOctets: number;
  /** By port: room beyond `xoffOctets` for what still comes. */
  readonly headroomOctets: readonly number[];
  /** Pause time of a frame, in units of 512 bit times. */
  readonly quanta: number;
  readonly stormPs: number;
}

export interface Mirror {
  readonly from: number;
  readonly to: number;
  readonly ingress: boolean;
  readonly egress: boolean;
}

/** Limits of what a port takes in. */
export interface StormControl {
  readonly broadcast?: StormLimit;
  readonly multicast?: StormLimit;
  readonly unknownUnicast?: StormLimit;
  /** A burst of so much time's worth passes at once. */
  readonly burstPs: number;
}

export type StormLimit =
  | { readonly kind: 'frames'; readonly framesPerSecond: number }
  /** Of the line rate, preamble and gap included. */
  | { readonly kind: 'fraction'; readonly fraction: number };

export interface StaticMac {
  readonly mac: number;
  /** 0 where the switch knows nothing of VLANs. */
  readonly vlan: number;
  readonly port: number;
}

export interface LldpSpec {
  readonly intervalPs: number;
  /** Advertisements of each port: a run ends when nothing is left to happen, so that they have to end. */
  readonly advertisements: number;
  readonly timeToLiveSeconds: number;
}
