import { PS_PER_US } from '../base/units.ts';

/** Waits of a "receiver not ready" NAK by the 5-bit code of its syndrome, in 10 us (IBTA vol 1, table 45). */
const DELAYS_10_US = [
  65_536, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1_024, 1_536, 2_048, 3_072, 4_096,
  6_144, 8_192, 12_288, 16_384, 24_576, 32_768, 49_152,
] as const;

/** @param code 0 to 31; other bits are ignored */
export function rnrDelayPs(code: number): number {
  return DELAYS_10_US[code & 31]! * 10 * PS_PER_US;
}
