/** What the gateway has seen and done; each under `gateway_` in M1's report. */
export interface GatewayCounters {
  /** Datagrams that carried a request or a part of one, duplicates included. */
  requestMessages: number;
  /** Datagrams that carried an answer or a part of one, duplicates included. */
  answerMessages: number;
  /** Requests given to a worker, each once. */
  requests: number;
  /** Requests answered by their worker. */
  completed: number;
  /** Requests sent again, once a timeout. */
  resends: number;
  /** Requests given to another worker because their own had lost its firmware. */
  moved: number;
  /** Requests given up after the last attempt. */
  givenUp: number;
  /** Requests whose client stopped sending halfway. */
  incompleteRequests: number;
  /** Fragments of requests in flight that came again. */
  duplicateRequestsIgnored: number;
  /** Fragments of answered requests that came again; the remembered answer was sent once more. */
  duplicateRequestsAnswered: number;
  /** Fragments that claim the id of another request of the same client. */
  requestIdConflicts: number;
  /** Answers, or parts, to requests that are answered already. */
  lateAnswers: number;
  /** Answers to no request, or not from the worker that was asked. */
  strayAnswers: number;
  /** Parts of a second answer that differs from the first. */
  inconsistentAnswers: number;
  /** Datagrams without a proper lambda header. */
  malformed: number;
  badRequests: number;
  unknownFunctions: number;
  unknownLeases: number;
  /** Requests refused because the ids are not published, no worker is loaded, or the table is full. */
  noCapacity: number;
}

export function newGatewayCounters(): GatewayCounters {
  return {
    requestMessages: 0,
    answerMessages: 0,
    requests: 0,
    completed: 0,
    resends: 0,
    moved: 0,
    givenUp: 0,
    incompleteRequests: 0,
    duplicateRequestsIgnored: 0,
    duplicateRequestsAnswered: 0,
    requestIdConflicts: 0,
    lateAnswers: 0,
    strayAnswers: 0,
    inconsistentAnswers: 0,
    malformed: 0,
    badRequests: 0,
    unknownFunctions: 0,
    unknownLeases: 0,
    noCapacity: 0,
  };
}
