import { assert } from '../base/assert.ts';
import type { CallTarget, LambdaCaller } from './lambda-caller.ts';
import type { RdmaCaller } from './rdma-caller.ts';
import type { WorkRequest } from './workload.ts';

export interface DeliveryLimits {
  /** First timeout; doubles at each retry. */
  readonly requestTimeoutPs: number;
  readonly retries: number;
}

/** How a request ended, whichever way it went. */
export interface Delivery {
  readonly answered: boolean;
  readonly status: number;
  readonly answer: Uint8Array;
  readonly followUp: { readonly status: number; readonly body: Uint8Array } | undefined;
  readonly attempts: number;
  /** Name of the worker where it is known, else empty. */
  readonly worker: string;
  /** Request ids that it took beyond the first: leases asked for again, and the second lambda. */
  readonly furtherRequestIds: readonly number[];
}

const NO_IDS: readonly number[] = [];

/** Workers that are asked straight, without the gateway (benchmarks). */
export interface DirectTarget {
  readonly name: string;
  readonly address: number;
  readonly wId: number;
}

/** Carries requests the way that their transport says: in datagrams, or through NIC memory. */
export class Courier {
  private readonly caller: LambdaCaller;
  private readonly rdmaCaller: RdmaCaller;
  private readonly gatewayAddress: number;
  private readonly direct: readonly DirectTarget[];
  private readonly workerNames: ReadonlyMap<number, string>;
  private directAsked = 0;

  /**
   * @param direct workers to ask in turn instead of the gateway; empty for the gateway
   * @param workerNames by IPv4 address
   */
  constructor(
    caller: LambdaCaller,
    rdmaCaller: RdmaCaller,
    gatewayAddress: number,
    direct: readonly DirectTarget[],
    workerNames: ReadonlyMap<number, string>,
  ) {
    this.caller = caller;
    this.rdmaCaller = rdmaCaller;
    this.gatewayAddress = gatewayAddress;
    this.direct = direct;
    this.workerNames = workerNames;
  }

  /**
   * Sends a request.
   * @param then called once, never before `deliver` returns
   * @returns its request id; later calls return higher ones
   */
  deliver(request: WorkRequest, limits: DeliveryLimits, then: (delivery: Delivery) => void): number {
    return request.transport === 'rdma' ? this.byRdma(request, limits, then) : this.byDatagram(request, limits, then);
  }

  private byDatagram(request: WorkRequest, limits: DeliveryLimits, then: (delivery: Delivery) => void): number {
    const { body, answerOctets } = request;
    const { requestTimeoutPs: timeoutPs, retries } = limits;
    const worker = this.direct[this.directAsked++ % this.direct.length];
    const target: CallTarget = worker
      ? { address: worker.address, wId: worker.wId, name: undefined }
      : { address: this.gatewayAddress, wId: 0, name: request.lambda };
    return this.caller.call({ target, flags: 0, body, answerOctets, timeoutPs, retries }, (outcome) => {
      const { answered, status, attempts } = outcome;
      then({
        answered,
        status,
        answer: outcome.body,
        followUp: undefined,
        attempts,
        worker: worker?.name ?? '',
        furtherRequestIds: NO_IDS,
      });
    });
  }

  private byRdma(request: WorkRequest, limits: DeliveryLimits, then: (delivery: Delivery) => void): number {
    assert(this.direct.length === 0, 'a lease is only to be had at the gateway');
    const { lambda, body, answerOctets, followUp } = request;
    const { requestTimeoutPs: timeoutPs, retries } = limits;
    return this.rdmaCaller.call({ lambda, body, answerOctets, followUp, timeoutPs, retries }, (outcome) => {
      const { answered, status, attempts, workerAddress, followUp, furtherRequestIds } = outcome;
      const worker = this.workerNames.get(workerAddress) ?? '';
      then({ answered, status, answer: outcome.body, followUp, attempts, worker, furtherRequestIds });
    });
  }
}
