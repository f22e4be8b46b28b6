import { ETHER_TYPE_IPV4 } from './ethernet.ts';
import { IPV4_TOS } from './ipv4.ts';
import { etherTypeAt, isTagged, priorityCodePointOf } from './vlan.ts';

/** Priorities of IEEE 802.1Q-2018, 6.6: 0 to 7. */
export const PRIORITIES = 8;

/** How a port gives frames their priority. */
export interface PriorityMap {
  /** By the tag's priority code point: eight priorities (priority regeneration, IEEE 802.1Q-2018, 6.9.4). */
  readonly pcp: readonly number[];
  /** By differentiated services code point (RFC 2474), for IPv4 without a tag; code points that are absent say nothing. */
  readonly dscp: Readonly<Record<string, number>>;
  /** Of frames of which neither says anything. */
  readonly otherwise: number;
}

/** Priority of a frame, 0 to 7. */
export type PriorityOf = (frame: Uint8Array) => number;

export const IDENTITY_PCP: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7];

export function priorityFunction(map: PriorityMap): PriorityOf {
  const { pcp, otherwise } = map;
  const byDscp = new Int8Array(64).fill(otherwise);
  for (const [codePoint, priority] of Object.entries(map.dscp)) byDscp[Number(codePoint)] = priority;
  return (frame) => {
    if (isTagged(frame)) return pcp[priorityCodePointOf(frame)] as number;
    const typeAt = etherTypeAt(frame);
    if (((frame[typeAt]! << 8) | frame[typeAt + 1]!) !== ETHER_TYPE_IPV4) return otherwise;
    return byDscp[frame[typeAt + 2 + IPV4_TOS]! >>> 2] as number;
  };
}
