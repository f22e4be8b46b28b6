import { formatIpv4Address } from './addresses.ts';
import { formatArp, parseArpFrame } from './arp.ts';
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHERNET_HEADER_OCTETS, formatEthernet, parseEthernet } from './ethernet.ts';
import { formatIcmpEcho, parseIcmpEcho } from './icmp.ts';
import { formatIpv4, type Ipv4Header, PROTOCOL_ICMP, PROTOCOL_UDP, parseIpv4 } from './ipv4.ts';
import { formatLambda, parseLambda } from './lambda.ts';
import { ETHER_TYPE_LLDP, formatLldp, parseLldpFrame } from './lldp.ts';
import { formatPriorityPause, isMacControl, parsePriorityPause } from './mac-control.ts';
import { formatManagement, parseManagement } from './management.ts';
import { formatMemcachedFrame, MEMCACHED_FRAME_HEADER_OCTETS, parseMemcachedFrame } from './memcached-frame.ts';
import { formatRoce, parseRoce } from './roce.ts';
import { PORT_LAMBDA, PORT_MANAGEMENT, PORT_MEMCACHED, PORT_ROCE } from './udp.ts';
import { parseUdpFrame, type UdpFrame } from './udp-frame.ts';
import { isTagged, priorityCodePointOf, vlanIdOf, withoutTag } from './vlan.ts';

/** Which protocol a frame belongs to, for counts; `malformed` is a frame that its own protocol refuses. */
export type FrameProtocol =
  | 'arp'
  | 'icmp'
  | 'lambda'
  | 'management'
  | 'memcached'
  | 'roce'
  | 'udp'
  | 'ipv4'
  | 'lldp'
  | 'pfc'
  | 'other'
  | 'malformed';

export interface FrameClass {
  readonly protocol: FrameProtocol;
  /** Set for `roce`. */
  readonly roceOpcode?: number;
  /** Set for `malformed`: the code of the refusal, such as `ipv4-checksum`. */
  readonly fault?: string;
}

/** Reads a frame through every layer that it claims. Never throws, whatever the octets are. */
export function classifyFrame(frame: Uint8Array): FrameClass {
  const read = readFrame(frame);
  if (read.fault !== undefined) return { protocol: 'malformed', fault: read.fault };
  return read.roceOpcode === undefined
    ? { protocol: read.protocol }
    : { protocol: read.protocol, roceOpcode: read.roceOpcode };
}

/** One line in the manner of tcpdump: `IP 10.10.30.1.50000 > 10.10.20.105.4369: lambda 0 request 7, length 3`. */
export function describeFrame(frame: Uint8Array): string {
  return readFrame(frame).line;
}

interface ReadFrame {
  readonly protocol: FrameProtocol;
  readonly line: string;
  readonly roceOpcode?: number;
  readonly fault?: string;
}

function readFrame(frame: Uint8Array): ReadFrame {
  if (!isTagged(frame)) return readUntagged(frame);
  const read = readUntagged(withoutTag(frame));
  return { ...read, line: `VLAN ${vlanIdOf(frame)} priority ${priorityCodePointOf(frame)}, ${read.line}` };
}

function readUntagged(frame: Uint8Array): ReadFrame {
  const ethernet = parseEthernet(frame);
  if (!ethernet.ok) return malformed('frame', ethernet.error);
  if (ethernet.value.etherType === ETHER_TYPE_ARP) {
    const arp = parseArpFrame(frame);
    return arp.ok ? { protocol: 'arp', line: formatArp(arp.value) } : malformed('ARP', arp.error);
  }
  if (ethernet.value.etherType === ETHER_TYPE_LLDP) {
    const lldp = parseLldpFrame(frame);
    return lldp.ok ? { protocol: 'lldp', line: formatLldp(lldp.value) } : malformed('LLDP', lldp.error);
  }
  if (isMacControl(frame)) {
    const pause = parsePriorityPause(frame);
    return pause.ok
      ? { protocol: 'pfc', line: formatPriorityPause(pause.value) }
      : malformed('MAC control', pause.error);
  }
  if (ethernet.value.etherType !== ETHER_TYPE_IPV4) {
    return { protocol: 'other', line: `${formatEthernet(ethernet.value)}, length ${frame.length}` };
  }
  const ip = parseIpv4(frame, ETHERNET_HEADER_OCTETS, frame.length);
  if (!ip.ok) return malformed('IP', ip.error);
  if (ip.value.protocol === PROTOCOL_ICMP) return readIcmp(frame, ip.value);
  if (ip.value.protocol === PROTOCOL_UDP) return readUdp(frame, ip.value);
  return { protocol: 'ipv4', line: formatIpv4(ip.value) };
}

function readIcmp(frame: Uint8Array, ip: Ipv4Header): ReadFrame {
  const hosts = `IP ${formatIpv4Address(ip.srcAddress)} > ${formatIpv4Address(ip.dstAddress)}`;
  const echo = parseIcmpEcho(frame, ip.payloadStart, ip.payloadEnd);
  if (echo.ok) return { protocol: 'icmp', line: `${hosts}: ${formatIcmpEcho(echo.value)}` };
  if (echo.error.code === 'icmp-not-echo') return { protocol: 'icmp', line: `${hosts}: ICMP ${echo.error.message}` };
  return malformed(`${hosts}: ICMP`, echo.error);
}

function readUdp(frame: Uint8Array, ip: Ipv4Header): ReadFrame {
  const parsed = parseUdpFrame(frame);
  if (!parsed.ok) {
    return malformed(`IP ${formatIpv4Address(ip.srcAddress)} > ${formatIpv4Address(ip.dstAddress)}: UDP`, parsed.error);
  }
  const udp = parsed.value;
  const from = `${formatIpv4Address(udp.srcAddress)}.${udp.srcPort}`;
  const prefix = `IP ${from} > ${formatIpv4Address(udp.dstAddress)}.${udp.dstPort}:`;
  const { payloadStart: start, payloadEnd: end } = udp;
  if (usesPort(udp, PORT_LAMBDA)) {
    const lambda = parseLambda(frame, start, end);
    if (!lambda.ok) return malformed(`${prefix} lambda`, lambda.error);
    return { protocol: 'lambda', line: `${prefix} ${formatLambda(lambda.value)}` };
  }
  if (usesPort(udp, PORT_MANAGEMENT)) {
    const message = parseManagement(frame, start, end);
    if (!message.ok) return malformed(`${prefix} management`, message.error);
    return { protocol: 'management', line: `${prefix} ${formatManagement(message.value)}` };
  }
  if (usesPort(udp, PORT_MEMCACHED)) {
    const header = parseMemcachedFrame(frame, start, end);
    if (!header.ok) return malformed(`${prefix} memcached`, header.error);
    const line = firstTextLine(frame, start + MEMCACHED_FRAME_HEADER_OCTETS, end);
    return { protocol: 'memcached', line: `${prefix} ${formatMemcachedFrame(header.value)}: ${line}` };
  }
  if (udp.dstPort === PORT_ROCE) {
    const roce = parseRoce(udp);
    if (!roce.ok) return malformed(`${prefix} RoCE`, roce.error);
    return { protocol: 'roce', line: `${prefix} ${formatRoce(roce.value)}`, roceOpcode: roce.value.opcode };
  }
  return { protocol: 'udp', line: `${prefix} UDP, length ${end - start}` };
}

/** A well-known port at either end: requests go to it, answers come from it. */
function usesPort(udp: UdpFrame, port: number): boolean {
  return udp.dstPort === port || udp.srcPort === port;
}

/** The ASCII command or answer up to its line end, at most 80 characters; what does not print becomes a dot. */
function firstTextLine(octets: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end && text.length < 80; i++) {
    const code = octets[i]!;
    if (code === 0x0d || code === 0x0a) break;
    text += code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.';
  }
  return text;
}

function malformed(what: string, error: { readonly code: string; readonly message: string }): ReadFrame {
  const line = `${what} malformed: ${error.code}: ${error.message}`;
  return { protocol: 'malformed', line, fault: error.code };
}
