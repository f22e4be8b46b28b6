/** What the OpenFaaS API needs of the system behind it: which functions there are, and how one is called. */
export interface FunctionProvider {
  /** Every deployed function, by name. */
  functions(): readonly DeployedFunction[];
  /** Calls a deployed function. Always settles: whatever goes wrong is an outcome. */
  invoke(name: string, body: Uint8Array): Promise<FunctionOutcome>;
  /** Largest body that a function takes, octets. */
  readonly largestBodyOctets: number;
}

export interface DeployedFunction {
  readonly name: string;
  /** Where its program lies: there is no container image. */
  readonly source: string;
  /** Workers that carry it. */
  readonly workers: readonly string[];
  /** Calls that have ended since the service began. */
  readonly invocations: number;
  readonly createdAt: Date;
}

export interface FunctionOutcome {
  /**
   * `answered`: the lambda's own answer, with its status. `overload`: no worker had room. `failed`: the worker could not
   * carry it out. `timeout`: nobody answered. `stopped`: the testbed came to its end before the answer.
   */
  readonly kind: 'answered' | 'overload' | 'failed' | 'timeout' | 'stopped';
  /** Of the lambda, by name: `ok`, `not-found`, `bad-request`. */
  readonly status: string;
  readonly body: Uint8Array;
  /** From the request's departure to its complete answer, emulated; undefined when it was never sent. */
  readonly latencyPs: number | undefined;
  /** Worker that answered; undefined where it is not known. */
  readonly worker: string | undefined;
}
