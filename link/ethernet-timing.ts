import { assert } from '../base/assert.ts';
import { PS_PER_S } from '../base/units.ts';

/** Octets that a frame costs on the wire besides itself (IEEE 802.3: preamble and start 4.2.5, FCS 3.2.9, gap 4.4.2). */
export const PREAMBLE_OCTETS = 8;
export const FCS_OCTETS = 4;
export const INTER_FRAME_GAP_OCTETS = 12;
/** Smallest frame with FCS; shorter ones are padded before they get here. */
export const MINIMUM_FRAME_OCTETS = 64;
/** Largest frame handed to a port: 1,500 octets of payload, header and one VLAN tag, jumbo frames included. */
export const MAXIMUM_FRAME_OCTETS = 9_234;

/** Time of one octet at a line rate, ps; an exact integer or the rate is refused. 10 Gb/s: 800. */
export function octetPsOf(rateBitsPerSecond: number): number {
  const octetPs = (8 * PS_PER_S) / rateBitsPerSecond;
  assert(Number.isInteger(octetPs), `${rateBitsPerSecond} bit/s has no whole number of picoseconds an octet`);
  return octetPs;
}

/** From the first bit of the preamble to the last bit of the FCS, ps. `frameOctets` is without FCS. */
export function receptionPs(frameOctets: number, octetPs: number): number {
  const framed = frameOctets + FCS_OCTETS;
  return (PREAMBLE_OCTETS + (framed < MINIMUM_FRAME_OCTETS ? MINIMUM_FRAME_OCTETS : framed)) * octetPs;
}

/** From one first bit to the earliest next one on the same port: reception and gap, ps. 64 octets at 10 Gb/s: 67.2 ns. */
export function occupancyPs(frameOctets: number, octetPs: number): number {
  return receptionPs(frameOctets, octetPs) + INTER_FRAME_GAP_OCTETS * octetPs;
}
