/** Frames leave with at least this many octets; the MAC fills them up with zeros (IEEE 802.3, 4.2.3.3). */
const SHORTEST_FRAME_OCTETS = 60;

/** How a frame differs from what was expected. */
export interface Difference {
  readonly reason: string;
  /** Indexes of hexadecimal digits. */
  readonly digits: readonly number[];
}

/**
 * @param pattern hexadecimal digits in lower case; `*` is any
 * @param exact nothing but the MAC's filling may follow; otherwise anything may
 * @returns undefined when the frame is as expected
 */
export function compareFrame(pattern: string, exact: boolean, frame: Uint8Array): Difference | undefined {
  const received = hexOf(frame);
  const digits = [...pattern].flatMap((digit, index) => {
    return digit === '*' || digit === received[index] ? [] : [index];
  });
  if (received.length < pattern.length) {
    return { reason: `${received.length / 2} octets, ${pattern.length / 2} expected`, digits };
  }
  if (digits.length > 0) {
    return { reason: `octet ${Math.floor((digits[0] ?? 0) / 2)} differs`, digits };
  }
  const rest = received.slice(pattern.length);
  const isFilling = frame.length === SHORTEST_FRAME_OCTETS && /^0*$/.test(rest);
  if (!exact || rest === '' || isFilling) return undefined;
  return {
    reason: `${rest.length / 2} octets more than expected`,
    digits: Array.from({ length: rest.length }, (_, index) => pattern.length + index),
  };
}

export function hexOf(octets: Uint8Array): string {
  return [...octets].map((octet) => octet.toString(16).padStart(2, '0')).join('');
}
