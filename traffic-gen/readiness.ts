import { PS_PER_MS, PS_PER_S } from '../base/units.ts';
import { STATUS_BAD_REQUEST, STATUS_NOT_FOUND, STATUS_OK } from '../packet/lambda.ts';
import type { NodeContext } from '../time/node.ts';

/** From one question to the next; doubles up to the second figure, since loading firmware takes emulated seconds. */
const FIRST_WAIT_PS = PS_PER_MS;
const LONGEST_WAIT_PS = 100 * PS_PER_MS;
/** Far above the slowest start that the paper reports (table 4: 31.7 s). */
const GIVE_UP_PS = 600 * PS_PER_S;

/** Sends one small request; calls back with the lambda's status, or undefined when none came in time. */
export type Probe = (timeoutPs: number, then: (status: number | undefined) => void) => void;

/**
 * Asks until the lambda answers, so that a phase begins when it is deployed. Only the lambda's own statuses count: the
 * gateway's "unknown function" and "no capacity" mean "not yet".
 * @param then true once it answered, false when it never did within ten emulated minutes
 */
export function awaitReady(
  context: Pick<NodeContext, 'nowPs' | 'at'>,
  probe: Probe,
  then: (ready: boolean) => void,
): void {
  const startPs = context.nowPs();
  const ask = (waitPs: number): void => {
    const askedPs = context.nowPs();
    probe(waitPs, (status) => {
      if (status === STATUS_OK || status === STATUS_NOT_FOUND || status === STATUS_BAD_REQUEST) {
        then(true);
      } else if (context.nowPs() - startPs >= GIVE_UP_PS) {
        then(false);
      } else {
        const nextPs = Math.max(context.nowPs(), askedPs + waitPs);
        context.at(nextPs, () => ask(Math.min(2 * waitPs, LONGEST_WAIT_PS)));
      }
    });
  };
  ask(FIRST_WAIT_PS);
}
