import type { HostStack } from '../../../host/host-stack.ts';
import { PORT_MEMCACHED } from '../../../packet/udp.ts';
import type { UdpFrame } from '../../../packet/udp-frame.ts';
import type { NodeContext, OutsideInput } from '../../../time/node.ts';
import type { MemcachedBackend } from './backend.ts';
import { CommandReader } from './command-reader.ts';
import { ConnectionsFromOutside } from './outside-connections.ts';
import type { Reply } from './replies.ts';
import { answerDatagrams, requestIn } from './udp-frames.ts';

/** memcached on M1's address, UDP 11211, and for connections from outside the emulation. */
export class MemcachedServer {
  /** Datagrams that were no request, or one of several. */
  datagramsRefused = 0;
  private readonly stack: Pick<HostStack, 'send'>;
  private readonly backend: MemcachedBackend;
  private readonly outside: ConnectionsFromOutside;

  constructor(context: Pick<NodeContext, 'tell'>, stack: Pick<HostStack, 'send'>, backend: MemcachedBackend) {
    this.stack = stack;
    this.backend = backend;
    this.outside = new ConnectionsFromOutside(context, backend);
  }

  /**
   * A datagram is a stream of its own: commands are served one after the other, and half a command is not answered. The
   * original keeps it until any other datagram of any client completes it.
   * @param interfaceIndex that it came in by, whose address the answer comes from
   */
  onDatagram(datagram: UdpFrame, interfaceIndex: number): void {
    const request = requestIn(datagram.payload);
    if (request === undefined) {
      this.datagramsRefused++;
      return;
    }
    const reader = new CommandReader(this.backend.largestBlockOctets);
    reader.append(request.octets);
    const next = (): void => {
      const command = reader.next();
      if (typeof command !== 'string' && command.words[0] !== 'quit') this.backend.serve(command, send);
    };
    const send = (reply: Reply): void => {
      for (const answer of answerDatagrams(request.requestId, reply)) {
        this.stack.send(PORT_MEMCACHED, datagram.srcAddress, datagram.srcPort, answer, interfaceIndex);
      }
      next();
    };
    next();
  }

  /** @returns whether the input was meant for memcached */
  onInput(input: OutsideInput): boolean {
    return this.outside.onInput(input);
  }

  counters(): Record<string, number> {
    return { datagrams_refused: this.datagramsRefused, ...this.backend.counters() };
  }
}
