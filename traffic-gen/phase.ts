import type { NodeContext } from '../time/node.ts';
import { closedLoop } from './arrivals.ts';
import type { Courier, Delivery } from './courier.ts';
import { isServiceFailure, statusText } from './delivery-status.ts';
import { awaitReady } from './readiness.ts';
import type { RequestLog } from './request-log.ts';
import type { Workload, WorkRequest } from './workload.ts';

export interface PhaseOptions {
  readonly requests: number;
  readonly concurrency: number;
  /** First timeout of a request; doubles at each retry. */
  readonly requestTimeoutPs: number;
  readonly retries: number;
}

/** One line about the first thing that went wrong beyond a lost request. */
export type FailureSink = (failure: string) => void;

/** Progress is told in about this many steps a phase. */
const PROGRESS_STEPS = 100;

/** One workload from its first probe to its last answer. */
export class Phase {
  private readonly context: NodeContext;
  private readonly courier: Courier;
  private readonly workload: Workload;
  private readonly options: PhaseOptions;
  private readonly log: RequestLog;
  private readonly fail: FailureSink;
  private readonly arrivals;
  private settled = 0;
  private readyPs: number | undefined;
  private onDone: () => void = () => {};

  constructor(
    context: NodeContext,
    courier: Courier,
    workload: Workload,
    options: PhaseOptions,
    log: RequestLog,
    fail: FailureSink,
  ) {
    this.context = context;
    this.courier = courier;
    this.workload = workload;
    this.options = options;
    this.log = log;
    this.fail = fail;
    this.arrivals = closedLoop(options.concurrency, options.requests);
    this.tellProgress();
  }

  get name(): string {
    return this.workload.name;
  }

  get requests(): number {
    return this.options.requests;
  }

  /** When all its lambdas had answered; undefined before. */
  get startedPs(): number | undefined {
    return this.readyPs;
  }

  /** @param onDone called after the last answer; never when a lambda does not get ready */
  run(onDone: () => void): void {
    this.onDone = onDone;
    this.awaitLambda(0);
  }

  private awaitLambda(index: number): void {
    const lambda = this.workload.lambdas[index];
    if (lambda === undefined) {
      this.readyPs = this.context.nowPs();
      this.arrivals.start(() => this.issue());
      return;
    }
    awaitReady(
      this.context,
      (timeoutPs, then) => {
        const limits = { requestTimeoutPs: timeoutPs, retries: 0 };
        this.courier.deliver(this.workload.probe(lambda), limits, (delivery) => {
          then(delivery.answered ? delivery.status : undefined);
        });
      },
      (ready) => {
        if (ready) this.awaitLambda(index + 1);
        else this.fail(`${this.name}: lambda ${lambda} did not answer within ten emulated minutes`);
      },
    );
  }

  private issue(): void {
    const request = this.workload.next();
    const { lambda, transport, body } = request;
    const startPs = this.context.nowPs();
    const requestId = this.courier.deliver(request, this.options, (delivery) => {
      this.settle(place, requestId, request, delivery);
    });
    const place = this.log.start({ requestId, workload: this.name, lambda, transport, octets: body.length, startPs });
  }

  private settle(place: number, requestId: number, request: WorkRequest, delivery: Delivery): void {
    const { answered, attempts, worker, answer, furtherRequestIds } = delivery;
    const fault = answered ? faultOf(request, delivery) : undefined;
    if (fault !== undefined) {
      this.context.record({ kind: 'wrong-answer', workload: this.name, requestId, fault });
      this.fail(`${this.name} request ${requestId} (${request.lambda}): ${fault}`);
    }
    const served = answered && !isServiceFailure(delivery);
    const status = fault === undefined ? statusText(delivery) : 'wrong-answer';
    const endPs = this.context.nowPs();
    const right = served && fault === undefined;
    const answerOctets = answer.length;
    this.log.end(place, { endPs, attempts, status, right, worker, answerOctets, furtherRequestIds });
    request.settled?.(right && attempts === 1);
    this.settled++;
    this.tellProgress();
    if (this.settled === this.options.requests) this.onDone();
    else this.arrivals.onSettled();
  }

  private tellProgress(): void {
    const total = this.options.requests;
    const step = Math.ceil(total / PROGRESS_STEPS);
    if (this.settled % step !== 0 && this.settled !== total) return;
    this.context.progress({ workload: this.name, completed: this.settled, total });
  }
}

/** What is wrong with an answer; a service failure is none, since it claims nothing. */
function faultOf(request: WorkRequest, delivery: Delivery): string | undefined {
  if (isServiceFailure(delivery)) return undefined;
  const fault = request.check(delivery.status, delivery.answer);
  if (fault !== undefined || request.followUp === undefined) return fault;
  const { followUp } = delivery;
  const second = followUp && request.followUp.check(followUp.status, followUp.body);
  return second && `${request.followUp.lambda}: ${second}`;
}
