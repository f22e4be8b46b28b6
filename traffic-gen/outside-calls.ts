import { PS_PER_S } from '../base/units.ts';
import { FRAGMENT_OCTETS } from '../packet/lambda.ts';
import type { NodeContext, OutsideInput, OutsideOutput } from '../time/node.ts';
import type { Courier, Delivery } from './courier.ts';
import { isServiceFailure, statusText } from './delivery-status.ts';
import type { WorkloadSummary } from './latency.ts';
import type { RequestLog } from './request-log.ts';
import { type Transport, transportFor } from './workload.ts';

/** Somebody outside the emulation wants a function called. */
export interface InvokeInput extends OutsideInput {
  readonly kind: 'invoke';
  readonly lambda: string;
  readonly body: Uint8Array;
}

/** How a call for the outside ended. */
export interface InvokedOutput extends OutsideOutput {
  readonly kind: 'invoked';
  /** False: nothing came, or only refusals for want of capacity (then `status` says so). */
  readonly answered: boolean;
  /** Of the lambda header. */
  readonly status: number;
  readonly body: Uint8Array;
  readonly transport: Transport;
  readonly startPs: number;
  readonly endPs: number;
  /** Times that the request was sent. */
  readonly attempts: number;
  /** Name of the worker where the client knows it, else empty. */
  readonly worker: string;
  /** By which the gateway's rows know the client's request. */
  readonly requestId: number;
}

/** Largest bodies by the two ways that are not RDMA, as the shipped topologies have them. */
const PLAIN_LIMIT_OCTETS = FRAGMENT_OCTETS;
const FRAGMENT_LIMIT_OCTETS = 32 * 1024;
/** What results call these requests, beside the names of workloads. */
const OUTSIDE = 'outside';
/** Doubles at each retry: 0.2 s to 12.8 s of emulated time, 25.4 s in all, longer than loading firmware takes. */
const LIMITS = { requestTimeoutPs: PS_PER_S / 5, retries: 6 };

type CallDetails = Pick<InvokedOutput, 'id' | 'transport' | 'startPs' | 'requestId'>;

/**
 * Calls functions for people outside: the client's host stands for theirs. A call starts when its input comes and takes
 * the way that its size demands, like every other request of the client.
 */
export class OutsideCalls {
  private readonly context: Pick<NodeContext, 'nowPs' | 'tell'>;
  private readonly courier: Pick<Courier, 'deliver'>;
  private readonly log: RequestLog;
  private readonly rdmaAnswerOctets: number;
  private calls = 0;
  private firstPs: number | undefined;

  /** @param rdmaAnswerOctets longest answer that fits behind its head in a slot of every worker's NIC memory */
  constructor(
    context: Pick<NodeContext, 'nowPs' | 'tell'>,
    courier: Pick<Courier, 'deliver'>,
    log: RequestLog,
    rdmaAnswerOctets: number,
  ) {
    this.context = context;
    this.courier = courier;
    this.log = log;
    this.rdmaAnswerOctets = rdmaAnswerOctets;
  }

  /** When the first call began, by the name that results have for them; nothing where none was made. */
  get startsPs(): Readonly<Record<string, number>> {
    return this.firstPs === undefined ? {} : { [OUTSIDE]: this.firstPs };
  }

  /** What became of all calls, beside the phases of workloads; nothing where none was made. */
  summaries(): WorkloadSummary[] {
    return this.calls === 0 ? [] : [this.log.summary(OUTSIDE, this.calls)];
  }

  invoke({ id, lambda, body }: InvokeInput): void {
    const startPs = this.context.nowPs();
    this.calls++;
    this.firstPs ??= startPs;
    const transport = transportFor(body.length, PLAIN_LIMIT_OCTETS, FRAGMENT_LIMIT_OCTETS);
    const answerOctets = transport === 'rdma' ? this.rdmaAnswerOctets : FRAGMENT_LIMIT_OCTETS;
    const request = { lambda, transport, body, answerOctets, check: () => undefined };
    const requestId = this.courier.deliver(request, LIMITS, (delivery) => {
      this.conclude(place, { id, transport, startPs, requestId }, delivery);
    });
    const place = this.log.start({ requestId, workload: OUTSIDE, lambda, transport, octets: body.length, startPs });
  }

  private conclude(place: number, call: CallDetails, delivery: Delivery): void {
    const { answered, status, answer, attempts, worker, furtherRequestIds } = delivery;
    const endPs = this.context.nowPs();
    this.log.end(place, {
      endPs,
      attempts,
      status: statusText(delivery),
      right: answered && !isServiceFailure(delivery),
      worker,
      answerOctets: answer.length,
      furtherRequestIds,
    });
    const output: InvokedOutput = {
      ...call,
      kind: 'invoked',
      answered,
      status,
      body: answer,
      worker,
      endPs,
      attempts,
    };
    this.context.tell(output);
  }
}
