/**
 * States what must hold. A broken invariant is a fault of this program, never of its input: it stops the run.
 * Bad input is returned or thrown as an `InputError` instead (see `errors.ts`).
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** An invariant of the program was broken; the message says which. */
export class InvariantError extends Error {
  override name = 'InvariantError';
}

/** Marks a branch that the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${String(value)}`);
}
