/** Packet sequence numbers of InfiniBand: 24 bits, circular (IBTA volume 1, 9.7.1: half of the circle is "before"). */
export const PSN_MODULUS = 2 ** 24;

/** `psn + packets` on the circle; `packets` may be negative. */
export function psnAdd(psn: number, packets: number): number {
  return (psn + packets) & (PSN_MODULUS - 1);
}

/** Signed distance from `from` to `to`, in [-2^23, 2^23): positive when `to` comes later. */
export function psnDistance(from: number, to: number): number {
  return ((to - from) << 8) >> 8;
}
