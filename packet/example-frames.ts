import { MAC_BROADCAST, MAC_ZERO, parseIpv4Address, parseMac } from './addresses.ts';
import { ARP_REPLY, ARP_REQUEST, buildArpFrame } from './arp.ts';
import { ECT_0, markCongestion } from './congestion.ts';
import { buildIcmpEchoFrame } from './icmp.ts';
import {
  buildLambdaFrame,
  FLAG_KEEP,
  FLAG_LEASE_ANSWER,
  FLAG_LEASE_RELEASE,
  FLAG_LEASE_REQUEST,
  FLAG_RDMA,
  FLAG_RESPONSE,
  type LambdaHeader,
  STATUS_NO_CAPACITY,
  STATUS_NOT_FOUND,
  STATUS_OK,
} from './lambda.ts';
import {
  emitLeaseAnswer,
  emitLeaseRelease,
  emitLeaseRequest,
  emitMessageHead,
  type LeaseAnswer,
  type LeaseRelease,
  type LeaseRequest,
} from './lease.ts';
import { buildLldpFrame } from './lldp.ts';
import { buildPriorityPause } from './mac-control.ts';
import { buildManagementFrame, type ManagementMessage } from './management.ts';
import { buildMemcachedFrame } from './memcached-frame.ts';
import { AETH_ACK_NO_CREDITS, AETH_NAK_PSN_SEQUENCE, buildRoceFrame, type RocePacket } from './roce.ts';
import {
  RC_ACKNOWLEDGE,
  RC_READ_REQUEST,
  RC_READ_RESPONSE_ONLY,
  RC_SEND_ONLY,
  RC_WRITE_FIRST,
  RC_WRITE_LAST_IMMEDIATE,
  RC_WRITE_MIDDLE,
  RC_WRITE_ONLY_IMMEDIATE,
} from './roce-opcodes.ts';
import { PORT_LAMBDA, PORT_MANAGEMENT, PORT_MEMCACHED, PORT_ROCE } from './udp.ts';
import { buildUdpFrame, type UdpFrameAddresses } from './udp-frame.ts';
import { withTag } from './vlan.ts';

/**
 * A frame of every kind that the testbed sends, with addresses of the paper's topology: what the tests of packet/ and
 * pcap/ take apart, and what Wireshark is asked about.
 */
export interface ExampleFrame {
  readonly name: string;
  readonly frame: Uint8Array;
}

export const CLIENT = { mac: parseMac('00:15:4d:00:30:01')!, address: parseIpv4Address('10.10.30.1')! };
export const MASTER = { mac: parseMac('00:15:4d:00:20:01')!, address: parseIpv4Address('10.10.20.105')! };
export const WORKER = { mac: parseMac('00:15:4d:00:01:01')!, address: parseIpv4Address('10.10.101.101')! };

type Endpoint = typeof CLIENT;

export function between(from: Endpoint, to: Endpoint, srcPort: number, dstPort: number): UdpFrameAddresses {
  return { srcMac: from.mac, dstMac: to.mac, srcAddress: from.address, dstAddress: to.address, srcPort, dstPort };
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** `count` octets that differ from their neighbours. */
export function pattern(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (i * 31 + 7) & 0xff);
}

const BRIDGE_MAC = 0x024c_4e00_0001;
const ADVERTISEMENT = {
  chassisMac: BRIDGE_MAC - 1,
  portName: 'switch.1',
  timeToLiveSeconds: 5,
  portDescription: 'm1.eth0--switch.1',
  systemName: 'switch',
};

const REQUEST: LambdaHeader = {
  wId: 0,
  requestId: 7,
  fragment: 0,
  fragments: 1,
  flags: 0,
  status: STATUS_OK,
  length: 4,
};

export const LEASE_REQUEST: LeaseRequest = {
  inputOctets: 262_148,
  outputOctets: 65_536,
  clientQpn: 0x11,
  clientStartPsn: 0xfffffe,
  clientRkey: 0x1234abcd,
  clientAddress: 0x7f00_0000_1000n,
  clientMac: CLIENT.mac,
  lambdaFlags: FLAG_KEEP,
};

export const LEASE_ANSWER: LeaseAnswer = {
  wId: 3,
  workerAddress: WORKER.address,
  workerMac: WORKER.mac,
  workerQpn: 0x21,
  workerStartPsn: 100,
  rkey: 0xdeadbeef,
  address: 0x98_1000_0000n,
  slot: 5,
  slotInputOctets: 393_216,
  leaseId: 77,
};

export const LEASE_RELEASE: LeaseRelease = { leaseId: 77 };

const SHA256 = pattern(32);

export const MANAGEMENT_MESSAGES: readonly ManagementMessage[] = [
  { type: 'firmware-begin', transaction: 1, octets: 70_000, sha256: SHA256 },
  { type: 'firmware-chunk', transaction: 2, offset: 1_024, data: pattern(1_024) },
  { type: 'firmware-ack', transaction: 2, nextOffset: 2_048 },
  { type: 'firmware-load', transaction: 3 },
  { type: 'firmware-loaded', transaction: 3, status: STATUS_OK, sha256: SHA256 },
  {
    type: 'lease-install',
    transaction: 0xffffffff,
    leaseId: 77,
    slot: 5,
    wId: 3,
    clientAddress: CLIENT.address,
    clientMac: CLIENT.mac,
    clientQpn: 0x11,
    clientStartPsn: 0xfffffe,
    clientRkey: 0x1234abcd,
    clientMemoryAddress: 0x7f00_0000_1000n,
    lambdaFlags: FLAG_KEEP,
  },
  {
    type: 'lease-installed',
    transaction: 0xffffffff,
    leaseId: 77,
    status: STATUS_OK,
    qpn: 0x21,
    startPsn: 100,
    rkey: 0xdeadbeef,
    memoryAddress: 0x98_1000_0000n,
  },
  { type: 'lease-done', transaction: 5, leaseId: 77, slot: 5, status: STATUS_OK },
  { type: 'lease-free', transaction: 6, leaseId: 77, slot: 5 },
  { type: 'ack', transaction: 6 },
];

const BASE = { destinationQp: 0x21, ackRequest: false, payload: new Uint8Array(0) };
const RETH = { address: 0x98_1000_0000n, rkey: 0xdeadbeef, octets: 2_100 };

/** The first kilobyte of a message in memory: head and the start of the input. */
function messageStart(): Uint8Array {
  const octets = pattern(1_024);
  emitMessageHead(octets, 0, {
    wId: 3,
    requestId: 77,
    fragment: 0,
    fragments: 1,
    flags: FLAG_RDMA,
    status: 0,
    length: 2_068,
  });
  return octets;
}

export const ROCE_PACKETS: readonly RocePacket[] = [
  { ...BASE, opcode: RC_WRITE_FIRST, psn: 0xfffffe, reth: RETH, payload: messageStart() },
  { ...BASE, opcode: RC_WRITE_MIDDLE, psn: 0xffffff, payload: pattern(1_024) },
  { ...BASE, opcode: RC_WRITE_LAST_IMMEDIATE, psn: 0, ackRequest: true, immediate: 5, payload: pattern(52) },
  {
    ...BASE,
    opcode: RC_WRITE_ONLY_IMMEDIATE,
    psn: 1,
    ackRequest: true,
    solicitedEvent: true,
    immediate: 77,
    reth: { ...RETH, octets: 33 },
    payload: pattern(33),
  },
  { ...BASE, opcode: RC_ACKNOWLEDGE, psn: 1, aeth: { syndrome: AETH_ACK_NO_CREDITS, msn: 2 } },
  { ...BASE, opcode: RC_ACKNOWLEDGE, psn: 0xfffffe, aeth: { syndrome: AETH_NAK_PSN_SEQUENCE, msn: 0 } },
  { ...BASE, opcode: RC_READ_REQUEST, psn: 2, ackRequest: true, reth: { ...RETH, octets: 30 } },
  { ...BASE, opcode: RC_READ_RESPONSE_ONLY, psn: 2, aeth: { syndrome: 0, msn: 3 }, payload: pattern(30) },
  // Wireshark takes a SEND of less than 12 octets for a broken RPC over RDMA; the testbed sends none.
  { ...BASE, opcode: RC_SEND_ONLY, psn: 3, payload: pattern(17) },
];

export function exampleFrames(): ExampleFrame[] {
  const datagram = buildUdpFrame({ ...between(CLIENT, WORKER, 50_005, 9), tos: ECT_0, payload: pattern(30) });
  const toGateway = between(CLIENT, MASTER, 50_000, PORT_LAMBDA);
  const fromGateway = between(MASTER, CLIENT, PORT_LAMBDA, 50_000);
  const toMemcached = between(WORKER, MASTER, 50_001, PORT_MEMCACHED);
  const fromMemcached = between(MASTER, WORKER, PORT_MEMCACHED, 50_001);
  const named = (header: Partial<LambdaHeader>, body: Uint8Array, name: string): Uint8Array =>
    buildLambdaFrame(toGateway, { ...REQUEST, ...header }, body, name);
  const answer = (header: Partial<LambdaHeader>, body: Uint8Array): Uint8Array =>
    buildLambdaFrame(fromGateway, { ...REQUEST, wId: 1, flags: FLAG_RESPONSE, ...header }, body);
  const { mac, address } = CLIENT;
  const ask = {
    operation: ARP_REQUEST,
    senderMac: mac,
    senderAddress: address,
    targetMac: MAC_ZERO,
    targetAddress: MASTER.address,
  };
  const tell = {
    operation: ARP_REPLY,
    senderMac: MASTER.mac,
    senderAddress: MASTER.address,
    targetMac: mac,
    targetAddress: address,
  };
  const ping = { srcMac: mac, dstMac: MASTER.mac, srcAddress: address, dstAddress: MASTER.address };
  const pong = { srcMac: MASTER.mac, dstMac: mac, srcAddress: MASTER.address, dstAddress: address };
  return [
    { name: 'arp-request', frame: buildArpFrame(MAC_BROADCAST, ask) },
    { name: 'arp-reply', frame: buildArpFrame(mac, tell) },
    {
      name: 'icmp-request',
      frame: buildIcmpEchoFrame(ping, { kind: 'request', identifier: 9, sequence: 1, data: pattern(56) }),
    },
    {
      name: 'icmp-reply',
      frame: buildIcmpEchoFrame(pong, { kind: 'reply', identifier: 9, sequence: 1, data: pattern(57) }),
    },
    { name: 'lambda-request', frame: named({}, Uint8Array.of(0, 0, 0, 2), 'web-server') },
    {
      name: 'lambda-fragment',
      frame: named({ fragments: 2, fragment: 1, length: 1_027 }, pattern(3), 'image-transformer'),
    },
    { name: 'lambda-response', frame: answer({ length: 5 }, ascii('hello')) },
    {
      name: 'lambda-no-capacity',
      frame: answer(
        { flags: FLAG_RESPONSE | FLAG_LEASE_ANSWER, length: 0, status: STATUS_NO_CAPACITY },
        new Uint8Array(0),
      ),
    },
    { name: 'lambda-miss', frame: answer({ length: 0, status: STATUS_NOT_FOUND }, new Uint8Array(0)) },
    {
      name: 'lease-request',
      frame: named({ flags: FLAG_LEASE_REQUEST, length: 40 }, emitLeaseRequest(LEASE_REQUEST), 'image-transformer'),
    },
    {
      name: 'lease-answer',
      frame: answer({ flags: FLAG_LEASE_ANSWER, length: 48, wId: 3 }, emitLeaseAnswer(LEASE_ANSWER)),
    },
    {
      name: 'lease-release',
      frame: named({ flags: FLAG_LEASE_RELEASE, length: 4 }, emitLeaseRelease(LEASE_RELEASE), 'image-transformer'),
    },
    {
      name: 'memcached-get',
      frame: buildMemcachedFrame(toMemcached, { requestId: 3, sequence: 0, datagrams: 1 }, ascii('get key-1\r\n')),
    },
    {
      name: 'memcached-value',
      frame: buildMemcachedFrame(
        fromMemcached,
        { requestId: 3, sequence: 0, datagrams: 1 },
        ascii('VALUE key-1 0 5\r\nhello\r\nEND\r\n'),
      ),
    },
    {
      name: 'memcached-set',
      frame: buildMemcachedFrame(
        toMemcached,
        { requestId: 4, sequence: 0, datagrams: 1 },
        ascii('set key-1 0 0 5\r\nhello\r\n'),
      ),
    },
    {
      name: 'memcached-stored',
      frame: buildMemcachedFrame(fromMemcached, { requestId: 4, sequence: 0, datagrams: 1 }, ascii('STORED\r\n')),
    },
    {
      name: 'memcached-continuation',
      frame: buildMemcachedFrame(fromMemcached, { requestId: 5, sequence: 1, datagrams: 2 }, pattern(200)),
    },
    ...MANAGEMENT_MESSAGES.map((message) => ({
      name: `management-${message.type}`,
      frame: buildManagementFrame(between(MASTER, WORKER, 50_002, PORT_MANAGEMENT), message),
    })),
    ...ROCE_PACKETS.map((packet) => ({
      name: `roce-${packet.opcode}`,
      frame: buildRoceFrame(between(CLIENT, WORKER, 50_003, PORT_ROCE), packet),
    })),
    { name: 'udp-tagged', frame: withTag(datagram, 10, 3) },
    { name: 'udp-marked', frame: markCongestion(datagram) },
    { name: 'pfc', frame: buildPriorityPause(BRIDGE_MAC, [undefined, undefined, undefined, 0xffff, 0]) },
    { name: 'lldp', frame: buildLldpFrame(BRIDGE_MAC, ADVERTISEMENT) },
    { name: 'udp', frame: buildUdpFrame({ ...between(CLIENT, WORKER, 50_004, 9), payload: pattern(3) }) },
  ];
}
