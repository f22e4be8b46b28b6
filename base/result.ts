/**
 * The outcome of reading octets that may be hostile: a value, or a coded error with the octet offset where it shows.
 * Wire formats return it instead of throwing, because a bad frame is an ordinary event on a network.
 */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

export interface WireError {
  /** Stable, kebab-case, prefixed by the protocol: `ipv4-truncated`. */
  readonly code: string;
  /** What was found and what was expected, for a person. */
  readonly message: string;
  /** Octet offset in the buffer that was handed in. */
  readonly offset: number;
}

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function wireError<T>(code: string, message: string, offset: number): Result<T> {
  return { ok: false, error: { code, message, offset } };
}
