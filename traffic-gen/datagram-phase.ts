import type { RandomStream } from '../base/random.ts';
import type { HostStack } from '../host/host-stack.ts';
import { STATUS_OK } from '../packet/lambda.ts';
import { PORT_READINESS } from '../packet/udp.ts';
import type { NodeContext, TimerHandle } from '../time/node.ts';
import { answerFault, payloadOctetsOf } from '../topology/octet-patterns.ts';
import type { ProgramWorkload } from '../topology/program-workload.ts';
import { closedLoop, openLoop } from './arrivals.ts';
import { randomOctets } from './program-requests.ts';
import { awaitReady } from './readiness.ts';
import type { RequestLog } from './request-log.ts';

/**
 * Source ports of the client's plain datagrams: request number n has `FIRST_DATAGRAM_PORT + n % DATAGRAM_PORTS`, since
 * nothing in the request itself need tell one from another. Below the dynamic range (RFC 6335), which is the stack's.
 */
export const FIRST_DATAGRAM_PORT = 16_384;
export const DATAGRAM_PORTS = 16_384;

/** Where the client asks whether the workers run their firmware. */
const READINESS_SOURCE_PORT = 50_001;

interface OpenRequest {
  readonly requestId: number;
  readonly place: number;
  readonly port: number;
  readonly octets: Uint8Array;
  attempts: number;
  timer: TimerHandle;
}

/** What a phase of plain datagrams uses of the client. */
export interface DatagramClient {
  readonly context: NodeContext;
  readonly stack: Pick<HostStack, 'bind' | 'unbind' | 'send'>;
  readonly gatewayAddress: number;
  readonly log: RequestLog;
  /** The number of the next request of this client, from 1 on. */
  nextRequestId(): number;
  fail(failure: string): void;
}

/** Progress is told in about this many steps a phase. */
const PROGRESS_STEPS = 100;

/**
 * One kind of a program's requests, sent to the gateway as datagrams without any header of ours: as fast as answers come,
 * or at a rate. Every answer is held against the pattern that is expected.
 */
export class DatagramPhase {
  readonly name: string;
  readonly requests: number;
  readonly counters = { unanswered: 0, wrongAnswers: 0 };
  private readonly client: DatagramClient;
  private readonly workload: ProgramWorkload;
  private readonly port: number;
  private readonly random: RandomStream;
  private readonly arrivals;
  private issued = 0;
  private settled = 0;
  private readyPs: number | undefined;
  private onDone: () => void = () => {};

  constructor(client: DatagramClient, workload: ProgramWorkload, port: number) {
    this.client = client;
    this.workload = workload;
    this.port = port;
    this.name = workload.name;
    this.requests = workload.requests;
    this.random = client.context.random(workload.name);
    const { concurrency, intervalPs, requests } = workload;
    this.arrivals =
      intervalPs === undefined ? closedLoop(concurrency, requests) : openLoop(client.context, intervalPs, requests);
    this.tellProgress();
  }

  /** When the workers were known to run the program; undefined before. */
  get startedPs(): number | undefined {
    return this.readyPs;
  }

  /** @param onDone called after the last request has ended; never when the program does not get ready */
  run(onDone: () => void): void {
    this.onDone = onDone;
    awaitReady(
      this.client.context,
      (timeoutPs, then) => this.askReadiness(timeoutPs, then),
      (ready) => {
        if (!ready) {
          this.client.fail(`${this.name}: the program did not run within ten emulated minutes`);
          return;
        }
        this.readyPs = this.client.context.nowPs();
        this.arrivals.start(() => this.issue());
      },
    );
  }

  private askReadiness(timeoutPs: number, then: (status: number | undefined) => void): void {
    const { context, stack, gatewayAddress } = this.client;
    const end = (status: number | undefined): void => {
      context.cancel(timer);
      stack.unbind(READINESS_SOURCE_PORT);
      then(status);
    };
    const timer = context.at(context.nowPs() + timeoutPs, () => end(undefined));
    stack.bind(READINESS_SOURCE_PORT, ({ payload }) => end(payload[0] === 1 ? STATUS_OK : undefined));
    stack.send(READINESS_SOURCE_PORT, gatewayAddress, PORT_READINESS, new Uint8Array(0));
  }

  private issue(): void {
    const { context, log, stack } = this.client;
    const requestId = this.client.nextRequestId();
    const octets = payloadOctetsOf(this.workload.payload, this.issued++, (count) => randomOctets(this.random, count));
    const place = log.start({
      requestId,
      workload: this.name,
      lambda: `udp-${this.port}`,
      transport: 'datagram',
      octets: octets.length,
      startPs: context.nowPs(),
    });
    const port = FIRST_DATAGRAM_PORT + (requestId % DATAGRAM_PORTS);
    const open: OpenRequest = { requestId, place, port, octets, attempts: 0, timer: 0 };
    stack.bind(port, ({ payload }) => this.onAnswer(open, payload));
    this.attempt(open);
  }

  private attempt(open: OpenRequest): void {
    const { context, stack, gatewayAddress } = this.client;
    const timeoutPs = this.workload.requestTimeoutPs * 2 ** open.attempts;
    open.attempts++;
    open.timer = context.at(context.nowPs() + timeoutPs, () => {
      if (open.attempts <= this.workload.retries) this.attempt(open);
      else this.onSilence(open);
    });
    stack.send(open.port, gatewayAddress, this.port, open.octets);
  }

  private onAnswer(open: OpenRequest, answer: Uint8Array): void {
    const { expected } = this.workload;
    const fault =
      expected === 'nothing'
        ? `expected no answer, got one of ${answer.length} octets`
        : expected && answerFault(expected, open.octets, answer);
    if (fault !== undefined) {
      this.counters.wrongAnswers++;
      this.client.context.record({ kind: 'wrong-answer', workload: this.name, requestId: open.requestId, fault });
      this.client.fail(`${this.name} request ${open.requestId} (udp-${this.port}): ${fault}`);
    }
    this.settle(open, fault === undefined ? 'ok' : 'wrong-answer', answer.length);
  }

  private onSilence(open: OpenRequest): void {
    if (this.workload.expected === 'nothing') {
      this.settle(open, 'ok', 0);
      return;
    }
    this.counters.unanswered++;
    this.settle(open, 'no-answer', 0);
  }

  private settle(open: OpenRequest, status: string, answerOctets: number): void {
    const { context, log, stack } = this.client;
    context.cancel(open.timer);
    stack.unbind(open.port);
    log.end(open.place, {
      endPs: context.nowPs(),
      attempts: open.attempts,
      status,
      right: status === 'ok',
      worker: '',
      answerOctets,
      furtherRequestIds: [],
    });
    this.settled++;
    this.tellProgress();
    if (this.settled === this.requests) this.onDone();
    else this.arrivals.onSettled();
  }

  private tellProgress(): void {
    const step = Math.ceil(this.requests / PROGRESS_STEPS);
    if (this.settled % step !== 0 && this.settled !== this.requests) return;
    this.client.context.progress({ workload: this.name, completed: this.settled, total: this.requests });
  }
}
