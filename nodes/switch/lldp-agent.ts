import { formatMac } from '../../packet/addresses.ts';
import { readUint16 } from '../../packet/big-endian.ts';
import { ETHERNET_TYPE } from '../../packet/ethernet.ts';
import { buildLldpFrame, ETHER_TYPE_LLDP, parseLldpFrame } from '../../packet/lldp.ts';
import type { NodeContext } from '../../time/node.ts';
import type { LldpSpec } from '../../topology/switch-options.ts';

export interface Neighbour {
  readonly port: string;
  readonly chassis: string;
  readonly neighbourPort: string;
  readonly systemName: string;
  readonly timeToLiveSeconds: number;
}

/** Tells the neighbours of each port who this switch is, and keeps what they tell (IEEE 802.1AB-2016). */
export class LldpAgent {
  private readonly context: Pick<NodeContext, 'nodeName' | 'ports' | 'nowPs' | 'at'>;
  private readonly spec: LldpSpec;
  private readonly bridgeMac: number;
  private readonly transmit: (port: number, frame: Uint8Array) => void;
  private readonly neighbours = new Map<string, Neighbour>();

  constructor(
    context: Pick<NodeContext, 'nodeName' | 'ports' | 'nowPs' | 'at'>,
    spec: LldpSpec,
    bridgeMac: number,
    transmit: (port: number, frame: Uint8Array) => void,
  ) {
    this.context = context;
    this.spec = spec;
    this.bridgeMac = bridgeMac;
    this.transmit = transmit;
  }

  start(): void {
    this.advertise(this.spec.advertisements);
  }

  onFrame(port: number, frame: Uint8Array): void {
    if (readUint16(frame, ETHERNET_TYPE) !== ETHER_TYPE_LLDP) return;
    const parsed = parseLldpFrame(frame);
    if (!parsed.ok) return;
    const { chassisMac, portName, systemName, timeToLiveSeconds } = parsed.value;
    const name = this.context.ports[port]!.name;
    const chassis = formatMac(chassisMac);
    this.neighbours.set(name, { port: name, chassis, neighbourPort: portName, systemName, timeToLiveSeconds });
  }

  get known(): Neighbour[] {
    return [...this.neighbours.values()].sort((a, b) => (a.port < b.port ? -1 : 1));
  }

  private advertise(left: number): void {
    for (const [port, { name, linkName }] of this.context.ports.entries()) {
      const advertisement = {
        chassisMac: this.bridgeMac,
        portName: name,
        timeToLiveSeconds: this.spec.timeToLiveSeconds,
        portDescription: linkName,
        systemName: this.context.nodeName,
      };
      this.transmit(port, buildLldpFrame(this.bridgeMac + 1 + port, advertisement));
    }
    if (left > 1) this.context.at(this.context.nowPs() + this.spec.intervalPs, () => this.advertise(left - 1));
  }
}
