import {
  formatStatus,
  STATUS_BACKEND_FAILURE,
  STATUS_NO_CAPACITY,
  STATUS_TIMEOUT,
  STATUS_UNKNOWN_FUNCTION,
} from '../packet/lambda.ts';
import type { Delivery } from './courier.ts';

/** Statuses by which the gateway says that it could not serve a request; no lambda gives them. */
const SERVICE_FAILURES: readonly number[] = [
  STATUS_BACKEND_FAILURE,
  STATUS_TIMEOUT,
  STATUS_UNKNOWN_FUNCTION,
  STATUS_NO_CAPACITY,
];

/** The status that the request ended with: of the second lambda where there is one. */
function lastStatus(delivery: Delivery): number {
  return delivery.followUp?.status ?? delivery.status;
}

/** The gateway could not serve the request; whatever else came is an answer of the lambda's. */
export function isServiceFailure(delivery: Delivery): boolean {
  return SERVICE_FAILURES.includes(lastStatus(delivery));
}

/** The status as results name it. */
export function statusText(delivery: Delivery): string {
  if (delivery.answered) return formatStatus(lastStatus(delivery));
  return delivery.status === STATUS_NO_CAPACITY ? formatStatus(STATUS_NO_CAPACITY) : 'no-answer';
}
