import { ok, type Result, wireError } from '../base/result.ts';
import { formatMac, readMac, writeMac } from './addresses.ts';
import { readUint16, writeUint16 } from './big-endian.ts';
import { allocateFrame, ETHERNET_HEADER_OCTETS, emitEthernet } from './ethernet.ts';

/**
 * Link layer discovery (IEEE 802.1AB-2016): a station tells the one at the other end of a cable who it is. TLVs of
 * 7 bits of type and 9 of length (8.4); the first three and the end are mandatory (8.5.1 to 8.5.4).
 */
export const ETHER_TYPE_LLDP = 0x88cc;
/** The nearest bridge: no bridge forwards it (table 7-1). */
export const LLDP_ADDRESS = 0x0180_c200_000e;

const TLV_END = 0;
const TLV_CHASSIS_ID = 1;
const TLV_PORT_ID = 2;
const TLV_TIME_TO_LIVE = 3;
const TLV_PORT_DESCRIPTION = 4;
const TLV_SYSTEM_NAME = 5;
const CHASSIS_ID_MAC = 4;
const PORT_ID_INTERFACE_NAME = 5;

export interface Advertisement {
  /** MAC of the bridge. */
  readonly chassisMac: number;
  readonly portName: string;
  readonly timeToLiveSeconds: number;
  readonly portDescription: string;
  readonly systemName: string;
}

/** @param srcMac of the port; names are ASCII of at most 255 octets */
export function buildLldpFrame(srcMac: number, advertisement: Advertisement): Uint8Array {
  const { chassisMac, portName, timeToLiveSeconds, portDescription, systemName } = advertisement;
  const chassis = new Uint8Array(7);
  chassis[0] = CHASSIS_ID_MAC;
  writeMac(chassis, 1, chassisMac);
  const timeToLive = new Uint8Array(2);
  writeUint16(timeToLive, 0, timeToLiveSeconds);
  const tlvs: readonly (readonly [number, Uint8Array])[] = [
    [TLV_CHASSIS_ID, chassis],
    [TLV_PORT_ID, Uint8Array.of(PORT_ID_INTERFACE_NAME, ...new TextEncoder().encode(portName))],
    [TLV_TIME_TO_LIVE, timeToLive],
    [TLV_PORT_DESCRIPTION, new TextEncoder().encode(portDescription)],
    [TLV_SYSTEM_NAME, new TextEncoder().encode(systemName)],
    [TLV_END, new Uint8Array(0)],
  ];
  const frame = allocateFrame(tlvs.reduce((octets, [, value]) => octets + 2 + value.length, 0));
  emitEthernet(frame, LLDP_ADDRESS, srcMac, ETHER_TYPE_LLDP);
  let at = ETHERNET_HEADER_OCTETS;
  for (const [type, value] of tlvs) {
    writeUint16(frame, at, (type << 9) | value.length);
    frame.set(value, at + 2);
    at += 2 + value.length;
  }
  return frame;
}

/** Reads what `buildLldpFrame` writes; other TLVs are skipped, absent optional ones are empty. */
export function parseLldpFrame(frame: Uint8Array): Result<Advertisement> {
  const values = new Map<number, Uint8Array>();
  for (let at = ETHERNET_HEADER_OCTETS; ; ) {
    if (at + 2 > frame.length) return wireError('lldp-truncated', 'no end TLV', frame.length);
    const head = readUint16(frame, at);
    const type = head >>> 9;
    const end = at + 2 + (head & 0x1ff);
    if (end > frame.length) return wireError('lldp-truncated', `TLV of ${head & 0x1ff} octets`, at);
    if (type === TLV_END) break;
    if (!values.has(type)) values.set(type, frame.subarray(at + 2, end));
    at = end;
  }
  const chassis = values.get(TLV_CHASSIS_ID);
  const port = values.get(TLV_PORT_ID);
  const timeToLive = values.get(TLV_TIME_TO_LIVE);
  if (chassis?.length !== 7 || chassis[0] !== CHASSIS_ID_MAC || port === undefined || timeToLive?.length !== 2) {
    return wireError('lldp-mandatory', 'expected chassis MAC, port and time to live', ETHERNET_HEADER_OCTETS);
  }
  const text = (octets: Uint8Array | undefined) => new TextDecoder().decode(octets);
  return ok({
    chassisMac: readMac(chassis, 1),
    portName: text(port.subarray(1)),
    timeToLiveSeconds: readUint16(timeToLive, 0),
    portDescription: text(values.get(TLV_PORT_DESCRIPTION)),
    systemName: text(values.get(TLV_SYSTEM_NAME)),
  });
}

export function formatLldp({ systemName, chassisMac, portName, timeToLiveSeconds }: Advertisement): string {
  return `LLDP ${systemName} (${formatMac(chassisMac)}) port ${portName}, time to live ${timeToLiveSeconds} s`;
}
