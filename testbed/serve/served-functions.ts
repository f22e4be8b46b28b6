import type { ServedOutput } from '../../nodes/master/master.ts';
import type { DeployedFunction, FunctionOutcome, FunctionProvider } from '../../openfaas/function-provider.ts';
import {
  formatStatus,
  STATUS_BACKEND_FAILURE,
  STATUS_NO_CAPACITY,
  STATUS_NOT_FOUND,
  STATUS_OK,
  STATUS_TIMEOUT,
} from '../../packet/lambda.ts';
import { MESSAGE_HEAD_OCTETS } from '../../packet/lease.ts';
import type { OutsideOutput } from '../../time/node.ts';
import type { Topology, WorkerHost } from '../../topology/types.ts';
import type { InvokedOutput } from '../../traffic-gen/outside-calls.ts';
import type { OutsideDoor } from './outside-door.ts';

/** A call that has not been answered. */
interface OpenCall {
  readonly name: string;
  readonly body: Uint8Array;
  readonly settle: (outcome: FunctionOutcome) => void;
}

const STOPPED: FunctionOutcome = {
  kind: 'stopped',
  status: '',
  body: new Uint8Array(0),
  latencyPs: undefined,
  worker: undefined,
};

/**
 * The functions of a running testbed, for the HTTP API: each call goes through the door to the client's host, and from
 * there the way of every request. Keeps nothing of a call that has ended.
 */
export class ServedFunctions implements FunctionProvider {
  readonly largestBodyOctets: number;
  private readonly door: OutsideDoor;
  private readonly client: string;
  private readonly deployed: Map<string, Omit<DeployedFunction, 'invocations'>>;
  private readonly invocations = new Map<string, number>();
  private readonly open = new Map<number, OpenCall>();
  /** What is known from the client while the gateway's word is on its way, and the other way round. By request id. */
  private readonly invoked = new Map<number, InvokedOutput>();
  private readonly servedBy = new Map<number, string>();
  private isPublished = false;
  private isStopped = false;

  constructor(topology: Topology, door: OutsideDoor, startedAt: Date) {
    this.door = door;
    this.client = topology.hosts.find((host) => host.role === 'client')!.name;
    const plans = topology.hosts
      .filter((host): host is WorkerHost => host.role === 'worker')
      .map(({ nic }) => nic.memoryPlan);
    this.largestBodyOctets = Math.min(...plans.map((plan) => plan.rdmaOutputOffset)) - MESSAGE_HEAD_OCTETS;
    this.deployed = new Map(
      topology.lambdas.map(({ name, sourceFolder, workers }) => {
        return [name, { name, source: sourceFolder, workers, createdAt: startedAt }];
      }),
    );
  }

  functions(): readonly DeployedFunction[] {
    return [...this.deployed.values()].map((each) => ({ ...each, invocations: this.invocations.get(each.name) ?? 0 }));
  }

  async invoke(name: string, body: Uint8Array): Promise<FunctionOutcome> {
    if (this.isStopped) return STOPPED;
    const id = this.door.nextInputId();
    return await new Promise<FunctionOutcome>((settle) => {
      // A plain array of octets, whatever they came in: it is journalled.
      this.open.set(id, { name, body: Uint8Array.from(body), settle });
      if (this.isPublished) this.send(id);
    });
  }

  private send(id: number): void {
    const { name, body } = this.open.get(id)!;
    this.door.give(this.client, { id, kind: 'invoke', lambda: name, body });
  }

  /** Takes no more calls, and closes the door once the ones under way are answered. */
  stop(): void {
    this.isStopped = true;
    if (this.open.size === 0) this.door.close();
  }

  /** The run is over: what has no answer gets none. */
  end(): void {
    this.isStopped = true;
    for (const { settle } of this.open.values()) settle(STOPPED);
    this.open.clear();
  }

  /** Takes what a node tells about calls. */
  onOutput(output: OutsideOutput): void {
    if (output.kind === 'published') {
      this.isPublished = true;
      // Calls that came while the firmware was being loaded have waited.
      for (const id of this.open.keys()) this.send(id);
    } else if (output.kind === 'served') {
      const { requestId, worker } = output as ServedOutput;
      const invoked = this.invoked.get(requestId);
      if (invoked !== undefined) this.conclude(invoked, worker);
      else if (this.open.size > 0) this.servedBy.set(requestId, worker);
    } else if (output.kind === 'invoked') {
      const invoked = output as InvokedOutput;
      const { requestId, transport } = invoked;
      const worker = invoked.worker === '' ? this.servedBy.get(requestId) : invoked.worker;
      this.servedBy.delete(requestId);
      // The gateway knew before the client did, but its process may be slower to say so.
      const willBeTold = transport !== 'rdma' && isLambdasOwn(invoked);
      if (worker === undefined && willBeTold) this.invoked.set(requestId, invoked);
      else this.conclude(invoked, worker);
    }
  }

  private conclude(invoked: InvokedOutput, worker: string | undefined): void {
    this.invoked.delete(invoked.requestId);
    this.servedBy.delete(invoked.requestId);
    const call = this.open.get(invoked.id);
    if (call === undefined) return;
    this.open.delete(invoked.id);
    this.invocations.set(call.name, (this.invocations.get(call.name) ?? 0) + 1);
    call.settle({
      kind: kindOf(invoked),
      status: formatStatus(invoked.status),
      body: invoked.body,
      latencyPs: invoked.endPs - invoked.startPs,
      worker,
    });
    if (this.open.size > 0) return;
    // What the gateway said about calls that ended otherwise meanwhile.
    this.servedBy.clear();
    if (this.isStopped) this.door.close();
  }
}

/** Answers that only a lambda gives: a worker stands behind them. */
function isLambdasOwn({ answered, status }: InvokedOutput): boolean {
  return answered && (status === STATUS_OK || status === STATUS_NOT_FOUND);
}

function kindOf({ answered, status }: InvokedOutput): FunctionOutcome['kind'] {
  if (status === STATUS_NO_CAPACITY) return 'overload';
  if (!answered || status === STATUS_TIMEOUT) return 'timeout';
  return status === STATUS_BACKEND_FAILURE ? 'failed' : 'answered';
}
