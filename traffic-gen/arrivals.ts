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
