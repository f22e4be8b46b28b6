import { readUint16, writeUint16 } from './big-endian.ts';
import { ETHERNET_MIN_FRAME_OCTETS, ETHERNET_TYPE } from './ethernet.ts';

/**
 * The customer VLAN tag (IEEE 802.1Q-2018, 9.6): four octets between source address and EtherType, the tag protocol
 * identifier and then PCP (3 bits), DEI (1) and VLAN identifier (12).
 */
export const ETHER_TYPE_VLAN = 0x8100;
export const VLAN_TAG_OCTETS = 4;
/** Identifiers that name a VLAN: 0 only carries a priority, 4095 is reserved (table 9-2). */
export const MINIMUM_VLAN_ID = 1;
export const MAXIMUM_VLAN_ID = 4094;
export const DEFAULT_VLAN_ID = 1;

const TAG_CONTROL = ETHERNET_TYPE + 2;
const DROP_ELIGIBLE = 0x1000;

/** Whether a frame carries a whole tag. */
export function isTagged(frame: Uint8Array): boolean {
  return frame[ETHERNET_TYPE] === 0x81 && frame[ETHERNET_TYPE + 1] === 0 && frame.length >= TAG_CONTROL + 4;
}

/** VLAN identifier of a tagged frame; 0: the tag carries a priority alone. */
export function vlanIdOf(frame: Uint8Array): number {
  return readUint16(frame, TAG_CONTROL) & 0xfff;
}

/** Priority code point of a tagged frame, 0 to 7. */
export function priorityCodePointOf(frame: Uint8Array): number {
  return frame[TAG_CONTROL]! >>> 5;
}

/** Where a frame's own EtherType lies, behind a tag if there is one. */
export function etherTypeAt(frame: Uint8Array): number {
  return isTagged(frame) ? ETHERNET_TYPE + VLAN_TAG_OCTETS : ETHERNET_TYPE;
}

/** A copy with this tag, in place of the one that the frame has or as its only one; the drop eligible bit stays. */
export function withTag(frame: Uint8Array, vlanId: number, priority: number): Uint8Array {
  const was = isTagged(frame);
  const tagged = new Uint8Array(frame.length + (was ? 0 : VLAN_TAG_OCTETS));
  tagged.set(frame.subarray(0, ETHERNET_TYPE));
  tagged.set(frame.subarray(ETHERNET_TYPE), was ? ETHERNET_TYPE : ETHERNET_TYPE + VLAN_TAG_OCTETS);
  const dropEligible = was ? readUint16(frame, TAG_CONTROL) & DROP_ELIGIBLE : 0;
  writeUint16(tagged, ETHERNET_TYPE, ETHER_TYPE_VLAN);
  writeUint16(tagged, TAG_CONTROL, (priority << 13) | dropEligible | vlanId);
  return tagged;
}

/** A copy of a tagged frame without its tag, padded to the least length (IEEE 802.1Q-2018, G.2.1 and G.2.3). */
export function withoutTag(frame: Uint8Array): Uint8Array {
  const octets = Math.max(ETHERNET_MIN_FRAME_OCTETS, frame.length - VLAN_TAG_OCTETS);
  const plain = new Uint8Array(octets);
  plain.set(frame.subarray(0, ETHERNET_TYPE));
  plain.set(frame.subarray(ETHERNET_TYPE + VLAN_TAG_OCTETS), ETHERNET_TYPE);
  return plain;
}
