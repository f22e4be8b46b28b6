import { ok, type Result, wireError } from '../base/result.ts';
import { formatMac, readMac } from './addresses.ts';
import { readUint16, writeUint16 } from './big-endian.ts';
import {
  ETHERNET_HEADER_OCTETS,
  ETHERNET_MIN_FRAME_OCTETS,
  ETHERNET_SOURCE,
  ETHERNET_TYPE,
  emitEthernet,
} from './ethernet.ts';

/**
 * MAC control frames (IEEE 802.3-2018 clause 31): consumed by the MAC at the other end of the link, never forwarded.
 * The one kind here is priority-based flow control (annex 31D, IEEE 802.1Q-2018 clause 36): an enable bit and a time
 * in quanta of 512 bit times for each of eight priorities.
 */
export const ETHER_TYPE_MAC_CONTROL = 0x8808;
export const MAC_CONTROL_ADDRESS = 0x0180_c200_0001;
export const OPCODE_PFC = 0x0101;
/** One quantum is 512 bit times: 64 octets. */
export const PAUSE_QUANTUM_OCTETS = 64;
export const MAXIMUM_QUANTA = 0xffff;

const OPCODE = ETHERNET_HEADER_OCTETS;
const ENABLE_VECTOR = OPCODE + 2;
const TIMES = ENABLE_VECTOR + 2;
const PFC_END = TIMES + 16;

export interface PriorityPause {
  readonly srcMac: number;
  /** By priority: how long to pause, quanta; 0 lets it go on; undefined: nothing is said of it. */
  readonly quanta: readonly (number | undefined)[];
}

export function isMacControl(frame: Uint8Array): boolean {
  return (
    frame[ETHERNET_TYPE] === ETHER_TYPE_MAC_CONTROL >>> 8 &&
    frame[ETHERNET_TYPE + 1] === (ETHER_TYPE_MAC_CONTROL & 0xff)
  );
}

/** @param quanta by priority; undefined: says nothing of it */
export function buildPriorityPause(srcMac: number, quanta: readonly (number | undefined)[]): Uint8Array {
  const frame = new Uint8Array(ETHERNET_MIN_FRAME_OCTETS);
  emitEthernet(frame, MAC_CONTROL_ADDRESS, srcMac, ETHER_TYPE_MAC_CONTROL);
  writeUint16(frame, OPCODE, OPCODE_PFC);
  let enabled = 0;
  for (const [priority, time] of quanta.entries()) {
    if (time === undefined) continue;
    enabled |= 1 << priority;
    writeUint16(frame, TIMES + 2 * priority, time);
  }
  writeUint16(frame, ENABLE_VECTOR, enabled);
  return frame;
}

/** @returns errors `mac-control-truncated` and `mac-control-opcode` for other kinds, 802.3x PAUSE among them */
export function parsePriorityPause(frame: Uint8Array): Result<PriorityPause> {
  if (frame.length < PFC_END) {
    return wireError('mac-control-truncated', `${frame.length} octets, expected at least ${PFC_END}`, frame.length);
  }
  const opcode = readUint16(frame, OPCODE);
  if (opcode !== OPCODE_PFC) {
    return wireError('mac-control-opcode', `opcode 0x${opcode.toString(16)}, expected 0x101`, OPCODE);
  }
  const enabled = readUint16(frame, ENABLE_VECTOR);
  const quanta: (number | undefined)[] = [];
  for (let priority = 0; priority < 8; priority++) {
    quanta.push((enabled >>> priority) & 1 ? readUint16(frame, TIMES + 2 * priority) : undefined);
  }
  return ok({ srcMac: readMac(frame, ETHERNET_SOURCE), quanta });
}

export function formatPriorityPause({ srcMac, quanta }: PriorityPause): string {
  const times = quanta.flatMap((time, priority) => (time === undefined ? [] : [`${priority}:${time}`]));
  return `PFC from ${formatMac(srcMac)}, quanta ${times.join(' ')}`;
}
