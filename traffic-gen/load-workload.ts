import type { RandomStream } from '../base/random.ts';
import { STATUS_OK } from '../packet/lambda.ts';
import { statusFault } from './web-workload.ts';
import { transportFor, type Workload, type WorkRequest } from './workload.ts';

export interface LoadOptions {
  readonly bodyOctets: number;
  readonly plainLimitOctets: number;
  readonly fragmentLimitOctets: number;
}

/**
 * Messages of one size for workers whose backend is `null`: what the emulator itself can carry. Only the status of an
 * answer is judged, since a null lambda computes nothing.
 */
export function createLoadWorkload(lambdas: readonly string[], options: LoadOptions, random: RandomStream): Workload {
  const body = Uint8Array.from({ length: options.bodyOctets }, () => random.below(256));
  const transport = transportFor(body.length, options.plainLimitOctets, options.fragmentLimitOctets);
  const check = (status: number): string | undefined => statusFault(status, STATUS_OK);
  const ask = (lambda: string): WorkRequest => ({ lambda, transport, body, answerOctets: body.length, check });
  // All requests to a lambda are the same, so one record serves them.
  const requests = lambdas.map(ask);
  let issued = 0;
  return { name: 'load', lambdas, next: () => requests[issued++ % requests.length]!, probe: ask };
}
