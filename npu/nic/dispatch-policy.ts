/** Who of the frames that wait gets the next context. */
export type DispatchPolicy =
  | { readonly kind: 'fifo' }
  | {
      readonly kind: 'wfq';
      /** By name of the lambda; whole numbers from 1. */
      readonly weights: Readonly<Record<string, number>>;
      /** Of lambdas without a weight, and of all frames that ask for no lambda together. */
      readonly defaultWeight: number;
    };

/** Core cycles that one request may take before it is stopped. */
export interface CycleBudget {
  /** Of requests for lambdas without a budget of their own; absent: the profile's watchdog alone. */
  readonly default?: number | undefined;
  readonly lambdas: Readonly<Record<string, number>>;
}

/** How a NIC is set up, beside its profile. */
export interface NicOptions {
  /** Default: FIFO, as the card does it. */
  readonly dispatch?: DispatchPolicy;
  readonly cycleBudget?: CycleBudget;
  /** Id of the lambda that a frame asks for; undefined for none. Budgets and fair queueing need it, faults show it. */
  readonly lambdaIdOf?: (frame: Uint8Array) => number | undefined;
}

/** Weights as the queue takes them: of frames without a lambda first, then of each lambda. */
export function weightsOf(
  policy: Extract<DispatchPolicy, { kind: 'wfq' }>,
  lambdas: readonly { readonly name: string }[],
): number[] {
  return [policy.defaultWeight, ...lambdas.map(({ name }) => policy.weights[name] ?? policy.defaultWeight)];
}

/** Budget of a request, never above the watchdog's. @param name of its lambda, undefined for a frame that has none */
export function budgetOf(budget: CycleBudget | undefined, name: string | undefined, watchdogCycles: number): number {
  if (budget === undefined || name === undefined) return watchdogCycles;
  return Math.min(watchdogCycles, budget.lambdas[name] ?? budget.default ?? watchdogCycles);
}
