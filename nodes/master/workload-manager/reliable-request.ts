import { PS_PER_MS } from '../../../base/units.ts';
import type { ManagementMessage } from '../../../packet/management.ts';
import type { NodeContext, TimerHandle } from '../../../time/node.ts';
import type { ManagementPort } from './management-port.ts';

/** First wait for an answer; it doubles with each repetition. A management round trip is some 50 us. */
const FIRST_TIMEOUT_PS = 5 * PS_PER_MS;
const LONGEST_TIMEOUT_PS = 500 * PS_PER_MS;
const ATTEMPTS = 10;

/**
 * Says a message to a worker until it is answered by a message of the expected type.
 * @param build makes the message of a transaction
 * @param onSilence called instead of `onAnswer` when the last repetition stays without answer
 */
export function requestReliably(
  context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>,
  port: ManagementPort,
  worker: number,
  build: (transaction: number) => ManagementMessage,
  expected: ManagementMessage['type'],
  onAnswer: (answer: ManagementMessage) => void,
  onSilence: () => void,
): void {
  let timer: TimerHandle = 0;
  let attempts = 0;
  let timeoutPs = FIRST_TIMEOUT_PS;
  const transaction = port.open(worker, (answer) => {
    if (answer.type !== expected) return;
    context.cancel(timer);
    port.close(transaction);
    onAnswer(answer);
  });
  const attempt = (): void => {
    if (attempts === ATTEMPTS) {
      port.close(transaction);
      onSilence();
      return;
    }
    attempts++;
    timer = context.at(context.nowPs() + timeoutPs, attempt);
    timeoutPs = Math.min(2 * timeoutPs, LONGEST_TIMEOUT_PS);
    port.send(worker, build(transaction));
  };
  attempt();
}
