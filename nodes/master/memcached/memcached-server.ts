import type { HostCpu } from '../../../host/host-cpu.ts';
import type { HostStack } from '../../../host/host-stack.ts';
import { PORT_MEMCACHED } from '../../../packet/udp.ts';
import type { UdpFrame } from '../../../packet/udp-frame.ts';
import { type MemcachedOptions, MemcachedState } from './state.ts';
import { generalStatistics } from './stats-command.ts';
import { MemcachedUdp } from './udp-service.ts';

/**
 * memcached on M1's address, UDP 11211: binds the engine to the host's stack and processor. Each command costs the
 * profile's service time; its answer leaves when it is done.
 */
export class MemcachedServer {
  /** Datagrams that were no request, or one of several. */
  datagramsRefused = 0;
  private readonly cpu: Pick<HostCpu, 'run'>;
  private readonly stack: Pick<HostStack, 'send'>;
  private readonly servicePs: number;
  private readonly state: MemcachedState;

  constructor(cpu: Pick<HostCpu, 'run'>, stack: Pick<HostStack, 'send'>, servicePs: number, options: MemcachedOptions) {
    this.cpu = cpu;
    this.stack = stack;
    this.servicePs = servicePs;
    this.state = new MemcachedState(options);
  }

  /** @param interfaceIndex that it came in by, whose address the answer comes from */
  onDatagram(datagram: UdpFrame, interfaceIndex: number): void {
    const request = new MemcachedUdp(this.state);
    if (!request.begin(datagram.payload)) {
      this.datagramsRefused++;
      return;
    }
    const send = (answer: Uint8Array): void => {
      this.stack.send(PORT_MEMCACHED, datagram.srcAddress, datagram.srcPort, answer, interfaceIndex);
    };
    const next = (): void => {
      if (request.step(send) && request.hasMore) this.cpu.run(this.servicePs, next);
    };
    this.cpu.run(this.servicePs, next);
  }

  /** The general statistics that are numbers, under the names that `stats` prints. */
  counters(): Record<string, number> {
    const counters: Record<string, number> = { datagrams_refused: this.datagramsRefused };
    for (const [name, value] of generalStatistics(this.state)) if (typeof value === 'number') counters[name] = value;
    return counters;
  }
}
