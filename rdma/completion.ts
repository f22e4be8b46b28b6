/** How a write ended, as a completion queue entry says it (IBTA vol 1, 11.6.2). */
export type Completion = { readonly ok: true } | { readonly ok: false; readonly code: CompletionError };

export type CompletionError =
  /** The peer did not answer, however often the packets were sent again. */
  | 'retry-exceeded'
  /** The peer had no receive posted for the immediate, however often it was asked. */
  | 'rnr-retry-exceeded'
  /** The key, the addresses or the rights did not allow it. */
  | 'remote-access'
  /** The peer found the packets malformed or out of place. */
  | 'remote-invalid-request'
  /** The peer could not do it. */
  | 'remote-operation'
  /** An earlier message failed, or the queue pair was destroyed, before this one was through. */
  | 'flushed'
  /** There is no such queue pair, or it was never connected. */
  | 'not-connected';

export type CompletionHandler = (completion: Completion) => void;

export const COMPLETED: Completion = { ok: true };

export function failed(code: CompletionError): Completion {
  return { ok: false, code };
}
