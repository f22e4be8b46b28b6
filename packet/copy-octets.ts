/** Below this length a loop is faster than making a view for `set`. */
const SHORT_OCTETS = 64;

/** Copies `source[start, end)` to `target` from `offset` on. */
export function copyOctets(target: Uint8Array, offset: number, source: Uint8Array, start: number, end: number): void {
  if (end - start > SHORT_OCTETS) {
    target.set(source.subarray(start, end), offset);
    return;
  }
  for (let i = start; i < end; i++) target[offset++] = source[i] as number;
}
