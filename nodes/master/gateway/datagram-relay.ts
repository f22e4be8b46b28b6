import { PS_PER_S } from '../../../base/units.ts';
import type { HostCpu } from '../../../host/host-cpu.ts';
import type { HostStack } from '../../../host/host-stack.ts';
import { formatIpv4Address } from '../../../packet/addresses.ts';
import type { UdpFrame } from '../../../packet/udp-frame.ts';
import type { NodeContext, RequestRow, TimerHandle } from '../../../time/node.ts';
import type { FunctionTable } from './function-table.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface RelayCounters {
  relayedRequests: number;
  relayedAnswers: number;
  /** Before the firmware ran, or with no worker that has it. */
  refused: number;
  /** From others than the worker that was asked. */
  strangers: number;
  /** Requests that nobody answered within the time that the gateway remembers them. */
  forgotten: number;
}

/** One request on its way: a port of the gateway's own stands for the client's, as NAT does it (RFC 2663, NAPT). */
interface Passage {
  readonly requestId: number;
  readonly clientAddress: number;
  readonly clientPort: number;
  /** Port that the client asked, and the worker is asked. */
  readonly port: number;
  readonly ownPort: number;
  readonly worker: number;
  readonly startPs: number;
  attempts: number;
  endPs: number | undefined;
  timer: TimerHandle;
}

/** Longest that an unanswered request is remembered. */
const REMEMBERED_PS = PS_PER_S;

/**
 * The gateway of a program whose requests have a layout of their own: it proxies users' requests to workers (paper
 * section 2.2) as they are, and the answers back. Each request has a port of the gateway's while it is open, so that its
 * answer is known by the port that it comes to; a repetition goes the same way. What a worker sends to its requester, such
 * as a request for memcached, reaches the gateway's host, which is the requester for it.
 */
export class DatagramRelay {
  readonly counters: RelayCounters = { relayedRequests: 0, relayedAnswers: 0, refused: 0, strangers: 0, forgotten: 0 };
  private readonly context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>;
  private readonly cpu: Pick<HostCpu, 'run'>;
  private readonly stack: Pick<HostStack, 'bind' | 'unbind' | 'send' | 'ephemeralPort'>;
  private readonly functions: Pick<FunctionTable, 'published'>;
  private readonly pool: WorkerPool;
  private readonly servicePs: number;
  private readonly passages: Passage[] = [];
  private readonly open = new Map<number, Passage>();
  private turn = 0;

  constructor(
    context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>,
    cpu: Pick<HostCpu, 'run'>,
    stack: Pick<HostStack, 'bind' | 'unbind' | 'send' | 'ephemeralPort'>,
    functions: Pick<FunctionTable, 'published'>,
    pool: WorkerPool,
    servicePs: number,
  ) {
    this.context = context;
    this.cpu = cpu;
    this.stack = stack;
    this.functions = functions;
    this.pool = pool;
    this.servicePs = servicePs;
  }

  /** A client's datagram to one of the program's ports. */
  onRequest(datagram: UdpFrame): void {
    this.cpu.run(this.servicePs, () => this.pass(datagram));
  }

  /** One row for every request that a worker was asked, in their order. */
  rows(): RequestRow[] {
    return this.passages.map((passage) => ({
      requestId: passage.requestId,
      kind: 'datagram',
      clientAddress: formatIpv4Address(passage.clientAddress),
      clientPort: passage.clientPort,
      clientRequestId: '',
      lambda: `udp-${passage.port}`,
      worker: this.pool.worker(passage.worker).name,
      startPs: passage.startPs,
      endPs: passage.endPs ?? '',
      latencyPs: passage.endPs === undefined ? '' : passage.endPs - passage.startPs,
      attempts: passage.attempts,
      status: passage.endPs === undefined ? 'no-answer' : 'ok',
    }));
  }

  private pass(datagram: UdpFrame): void {
    const { srcAddress, srcPort, dstPort } = datagram;
    const key = srcAddress * 2 ** 16 + srcPort;
    const passage = this.open.get(key) ?? this.begin(key, srcAddress, srcPort, dstPort);
    if (passage === undefined) {
      this.counters.refused++;
      return;
    }
    passage.attempts++;
    this.counters.relayedRequests++;
    this.stack.send(passage.ownPort, this.pool.worker(passage.worker).address, dstPort, datagram.payload);
  }

  private begin(key: number, clientAddress: number, clientPort: number, port: number): Passage | undefined {
    const workers = this.pool.workers.map((_, index) => index);
    const position = this.functions.published ? this.pool.choose(workers, 'round-robin', this.turn, undefined) : -1;
    if (position < 0) return undefined;
    this.turn = (position + 1) % workers.length;
    const startPs = this.context.nowPs();
    const passage: Passage = {
      requestId: this.passages.length + 1,
      clientAddress,
      clientPort,
      port,
      ownPort: this.stack.ephemeralPort(),
      worker: workers[position]!,
      startPs,
      attempts: 0,
      endPs: undefined,
      timer: this.context.at(startPs + REMEMBERED_PS, () => {
        this.counters.forgotten++;
        this.end(key, passage);
      }),
    };
    this.passages.push(passage);
    this.open.set(key, passage);
    this.stack.bind(passage.ownPort, (answer) => {
      this.cpu.run(this.servicePs, () => this.answer(key, passage, answer));
    });
    return passage;
  }

  private answer(key: number, passage: Passage, answer: UdpFrame): void {
    if (answer.srcAddress !== this.pool.worker(passage.worker).address || passage.endPs !== undefined) {
      this.counters.strangers++;
      return;
    }
    passage.endPs = this.context.nowPs();
    this.counters.relayedAnswers++;
    this.context.cancel(passage.timer);
    this.end(key, passage);
    this.stack.send(passage.port, passage.clientAddress, passage.clientPort, answer.payload);
  }

  private end(key: number, passage: Passage): void {
    this.stack.unbind(passage.ownPort);
    if (this.open.get(key) === passage) this.open.delete(key);
  }
}
