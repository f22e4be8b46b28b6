import type { NodeContext } from '../time/node.ts';

/**
 * When requests begin. A closed loop issues the next one as another ends; an open-loop process would arm timers in
 * `start` and ignore `onSettled`.
 */
export interface ArrivalProcess {
  /** Begins; `issue` sends one request and may be called at any time from now on. */
  start(issue: () => void): void;
  /** A request has ended. */
  onSettled(): void;
}

/**
 * A fixed number of requests outstanding: 1 is the paper's closed loop, 56 its parallel test (section 6.3.1).
 * @param total requests in all
 */
export function closedLoop(concurrency: number, total: number): ArrivalProcess {
  let issued = 0;
  let issue: () => void = () => {};
  const more = (): void => {
    if (issued >= total) return;
    issued++;
    issue();
  };
  return {
    start: (issueOne) => {
      issue = issueOne;
      for (let i = 0; i < concurrency; i++) more();
    },
    onSettled: more,
  };
}

/**
 * Requests at equal distances, whatever becomes of those before: an open loop.
 * @param total requests in all
 */
export function openLoop(
  context: Pick<NodeContext, 'nowPs' | 'at'>,
  intervalPs: number,
  total: number,
): ArrivalProcess {
  const issueFrom = (number: number, startPs: number, issue: () => void): void => {
    issue();
    if (number + 1 < total) {
      context.at(startPs + (number + 1) * intervalPs, () => issueFrom(number + 1, startPs, issue));
    }
  };
  return {
    start: (issue) => issueFrom(0, context.nowPs(), issue),
    onSettled: () => {},
  };
}
