import { isTagged, vlanIdOf, withoutTag, withTag } from '../../packet/vlan.ts';
import type { VlanPort } from '../../topology/switch-options.ts';

/** The frame is not let in. */
export const NO_VLAN = -1;
/** All frames of a switch that knows nothing of VLANs. */
export const NO_VLANS = 0;

/**
 * Ingress classification, member sets and egress tagging (IEEE 802.1Q-2018, 6.9, 8.6.2 and 8.6.4). A tag that names no
 * VLAN carries a priority alone and counts as none.
 */
export class VlanPorts {
  private readonly ports: readonly VlanPort[];
  private readonly members = new Map<number, readonly boolean[]>();

  constructor(ports: readonly VlanPort[]) {
    this.ports = ports;
    for (const vlan of ports.flatMap(vlansOf))
      this.members.set(
        vlan,
        ports.map((port) => vlansOf(port).includes(vlan)),
      );
  }

  /** VLAN of a frame that came in at a port, or NO_VLAN when the port does not take it. */
  classify(port: number, frame: Uint8Array): number {
    const spec = this.ports[port] as VlanPort;
    const tag = isTagged(frame) ? vlanIdOf(frame) : 0;
    if (tag === 0) return (spec.mode === 'access' ? spec.vlan : spec.native) ?? NO_VLAN;
    return this.carries(port, tag) ? tag : NO_VLAN;
  }

  carries(port: number, vlan: number): boolean {
    return this.members.get(vlan)?.[port] ?? false;
  }

  /** The frame as it leaves a port that carries its VLAN: with the tag or without one; itself if it is right as it is. */
  leaving(port: number, frame: Uint8Array, vlan: number, priority: number): Uint8Array {
    const spec = this.ports[port] as VlanPort;
    const wantsTag = spec.mode === 'trunk' && vlan !== spec.native;
    if (wantsTag) return withTag(frame, vlan, priority);
    return isTagged(frame) ? withoutTag(frame) : frame;
  }
}

/** Every VLAN that a port carries. */
export function vlansOf(port: VlanPort): number[] {
  if (port.mode === 'access') return [port.vlan];
  return port.native === undefined ? [...port.tagged] : [port.native, ...port.tagged];
}
