import type { RandomStream } from '../base/random.ts';
import { writeUint32 } from '../packet/big-endian.ts';
import { formatStatus, STATUS_OK } from '../packet/lambda.ts';
import { firstDifference, type Workload, type WorkRequest } from './workload.ts';

/**
 * Web server (paper section 6.2 a): the request names a page by any 32-bit number, the answer is the text of page
 * `number mod pages`.
 * @param lambdas asked round-robin; more than one for the contention test (section 6.3.2)
 * @param pages the texts that the lambda serves, `lambdas/web-server/expected.json`
 */
export function createWebWorkload(
  lambdas: readonly string[],
  pages: readonly string[],
  random: RandomStream,
): Workload {
  const texts = pages.map((page) => Uint8Array.from(page, (character) => character.charCodeAt(0)));
  const longest = Math.max(...texts.map((text) => text.length));
  let issued = 0;
  const ask = (lambda: string, page: number): WorkRequest => {
    const body = new Uint8Array(4);
    writeUint32(body, 0, page);
    const expected = texts[page % texts.length]!;
    return {
      lambda,
      transport: 'plain',
      body,
      answerOctets: longest,
      check: (status, answer) => statusFault(status, STATUS_OK) ?? firstDifference(expected, answer),
    };
  };
  return {
    name: 'web',
    lambdas,
    next: () => ask(lambdas[issued++ % lambdas.length]!, random.uint32()),
    probe: (lambda) => ask(lambda, 0),
  };
}

/** A status that differs from the one that the request must get. */
export function statusFault(got: number, expected: number): string | undefined {
  return got === expected ? undefined : `status: expected ${formatStatus(expected)}, got ${formatStatus(got)}`;
}
