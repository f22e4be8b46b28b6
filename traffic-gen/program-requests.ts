import type { RandomStream } from '../base/random.ts';
import { FRAGMENT_OCTETS, formatStatus, STATUS_OK } from '../packet/lambda.ts';
import { answerFault, payloadOctetsOf } from '../topology/octet-patterns.ts';
import type { ProgramWorkload } from '../topology/program-workload.ts';
import type { Workload, WorkRequest } from './workload.ts';

/** Requests to a lambda of the user's, through the gateway, with bodies and answers as a workload file writes them. */
export function createProgramWorkload(workload: ProgramWorkload, lambda: string, random: RandomStream): Workload {
  const { name, payload, expected } = workload;
  const request = (number: number, draw: (count: number) => Uint8Array): WorkRequest => {
    const body = payloadOctetsOf(payload, number, draw);
    return {
      lambda,
      transport: 'plain',
      body,
      answerOctets: FRAGMENT_OCTETS,
      check: (status, answer) => {
        if (status !== STATUS_OK) return `expected status ok, got ${formatStatus(status)}`;
        if (expected === 'nothing') return `expected no answer, got one of ${answer.length} octets`;
        return expected && answerFault(expected, body, answer);
      },
    };
  };
  let issued = 0;
  return {
    name,
    lambdas: [lambda],
    next: () => request(issued++, (count) => randomOctets(random, count)),
    // The stream is left alone, so that asking for readiness more often changes no request.
    probe: () => request(0, (count) => new Uint8Array(count)),
  };
}

export function randomOctets(random: RandomStream, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => random.below(256));
}
