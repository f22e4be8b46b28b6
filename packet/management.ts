import { InvariantError, unreachable } from '../base/assert.ts';
import { ok, type Result, wireError } from '../base/result.ts';
import { readMac, writeMac } from './addresses.ts';
import { readUint16, readUint32, readUint64, writeUint16, writeUint32, writeUint64 } from './big-endian.ts';
import { formatStatus } from './lambda.ts';
import { allocateUdpFrame, sealUdpFrame, UDP_PAYLOAD_OFFSET, type UdpFrameAddresses } from './udp-frame.ts';

/**
 * What M1 and the workers say to each other on the management network (UDP 4370): firmware in chunks, leases of NIC
 * memory. Every message carries a transaction number; its sender repeats it until the answer with the same number is
 * in, so a receiver may see one twice. The messages are this testbed's own: the paper does not describe its deployment.
 */
export const MANAGEMENT_TYPE = 0;
export const MANAGEMENT_VERSION = 1;
/** Which of the worker's NICs the message is about. */
export const MANAGEMENT_NIC = 2;
export const MANAGEMENT_TRANSACTION = 4;
export const MANAGEMENT_LENGTH = 8;
export const MANAGEMENT_HEADER_OCTETS = 12;

export const MANAGEMENT_PROTOCOL_VERSION = 1;
/** Most octets of firmware in one FIRMWARE_CHUNK. */
export const FIRMWARE_CHUNK_OCTETS = 1_024;
export const SHA256_OCTETS = 32;

export type ManagementMessage =
  | FirmwareBegin
  | FirmwareChunk
  | FirmwareAck
  | FirmwareLoad
  | FirmwareLoaded
  | LeaseInstall
  | LeaseInstalled
  | LeaseDone
  | LeaseFree
  | ManagementAck;

interface Transaction {
  readonly transaction: number;
  /** Number of the worker's NIC, 0 to 255; absent: its first. */
  readonly nic?: number;
}

/** M1 announces an image. Answered by FIRMWARE_ACK with nextOffset 0. */
export interface FirmwareBegin extends Transaction {
  readonly type: 'firmware-begin';
  readonly octets: number;
  readonly sha256: Uint8Array;
}

export interface FirmwareChunk extends Transaction {
  readonly type: 'firmware-chunk';
  readonly offset: number;
  /** At most 1,024 octets; a view of the frame after parsing. */
  readonly data: Uint8Array;
}

export interface FirmwareAck extends Transaction {
  readonly type: 'firmware-ack';
  /** First octet of the image that the worker does not have. */
  readonly nextOffset: number;
}

export interface FirmwareLoad extends Transaction {
  readonly type: 'firmware-load';
}

export interface FirmwareLoaded extends Transaction {
  readonly type: 'firmware-loaded';
  /** A lambda header's status. */
  readonly status: number;
  /** Of the image that was loaded. */
  readonly sha256: Uint8Array;
}

/** M1 gives a slot of NIC memory to a client's queue pair. */
export interface LeaseInstall extends Transaction {
  readonly type: 'lease-install';
  readonly leaseId: number;
  readonly slot: number;
  readonly wId: number;
  readonly clientAddress: number;
  readonly clientMac: number;
  readonly clientQpn: number;
  readonly clientStartPsn: number;
  readonly clientRkey: number;
  /** Where the result may be written in the client's registered region. */
  readonly clientMemoryAddress: bigint;
  readonly lambdaFlags: number;
}

export interface LeaseInstalled extends Transaction {
  readonly type: 'lease-installed';
  readonly leaseId: number;
  readonly status: number;
  readonly qpn: number;
  readonly startPsn: number;
  readonly rkey: number;
  /** Start of the slot in the worker's NIC memory. */
  readonly memoryAddress: bigint;
}

export interface LeaseDone extends Transaction {
  readonly type: 'lease-done';
  readonly leaseId: number;
  readonly slot: number;
  readonly status: number;
}

export interface LeaseFree extends Transaction {
  readonly type: 'lease-free';
  readonly leaseId: number;
  readonly slot: number;
}

/** Answers LEASE_DONE and LEASE_FREE. */
export interface ManagementAck extends Transaction {
  readonly type: 'ack';
}

/** Wire code and octets of body of each type (a chunk: least). */
const KINDS: Readonly<Record<ManagementMessage['type'], { readonly code: number; readonly bodyOctets: number }>> = {
  'firmware-begin': { code: 1, bodyOctets: 36 },
  'firmware-chunk': { code: 2, bodyOctets: 4 },
  'firmware-ack': { code: 3, bodyOctets: 4 },
  'firmware-load': { code: 4, bodyOctets: 0 },
  'firmware-loaded': { code: 5, bodyOctets: 36 },
  'lease-install': { code: 6, bodyOctets: 48 },
  'lease-installed': { code: 7, bodyOctets: 28 },
  'lease-done': { code: 8, bodyOctets: 12 },
  'lease-free': { code: 9, bodyOctets: 8 },
  ack: { code: 10, bodyOctets: 0 },
};

const TYPE_BY_CODE = new Map(
  Object.entries(KINDS).map(([type, { code }]) => [code, type as ManagementMessage['type']]),
);

/** Reads the UDP payload at `octets[start, end)`. */
export function parseManagement(octets: Uint8Array, start: number, end: number): Result<ManagementMessage> {
  if (end - start < MANAGEMENT_HEADER_OCTETS) {
    const message = `${end - start} octets, expected at least ${MANAGEMENT_HEADER_OCTETS}`;
    return wireError('management-truncated', message, end);
  }
  const version = octets[start + MANAGEMENT_VERSION]!;
  if (version !== MANAGEMENT_PROTOCOL_VERSION) {
    return wireError('management-version', `version ${version}, expected 1`, start + MANAGEMENT_VERSION);
  }
  const type = TYPE_BY_CODE.get(octets[start + MANAGEMENT_TYPE]!);
  if (type === undefined) return wireError('management-type', `unknown type ${octets[start]}`, start);
  const length = readUint32(octets, start + MANAGEMENT_LENGTH);
  const body = start + MANAGEMENT_HEADER_OCTETS;
  if (length !== end - body) {
    const message = `length ${length}, ${end - body} octets of body are there`;
    return wireError('management-length', message, start + MANAGEMENT_LENGTH);
  }
  const least = KINDS[type].bodyOctets;
  const most = type === 'firmware-chunk' ? least + FIRMWARE_CHUNK_OCTETS : least;
  if (length < least || length > most) {
    const message = `${type} with ${length} octets of body, expected ${least}${most > least ? ` to ${most}` : ''}`;
    return wireError('management-length', message, start + MANAGEMENT_LENGTH);
  }
  const message = readMessage(type, readUint32(octets, start + MANAGEMENT_TRANSACTION), octets, body, end);
  const nic = octets[start + MANAGEMENT_NIC]!;
  return ok(nic === 0 ? message : { ...message, nic });
}

function readMessage(
  type: ManagementMessage['type'],
  transaction: number,
  octets: Uint8Array,
  body: number,
  end: number,
): ManagementMessage {
  switch (type) {
    case 'firmware-begin': {
      const sha256 = octets.subarray(body + 4, body + 4 + SHA256_OCTETS);
      return { type, transaction, octets: readUint32(octets, body), sha256 };
    }
    case 'firmware-chunk':
      return { type, transaction, offset: readUint32(octets, body), data: octets.subarray(body + 4, end) };
    case 'firmware-ack':
      return { type, transaction, nextOffset: readUint32(octets, body) };
    case 'firmware-load':
    case 'ack':
      return { type, transaction };
    case 'firmware-loaded': {
      const sha256 = octets.subarray(body + 4, body + 4 + SHA256_OCTETS);
      return { type, transaction, status: readUint16(octets, body), sha256 };
    }
    case 'lease-install':
      return {
        type,
        transaction,
        leaseId: readUint32(octets, body),
        slot: readUint32(octets, body + 4),
        wId: readUint32(octets, body + 8),
        clientAddress: readUint32(octets, body + 12),
        clientMac: readMac(octets, body + 16),
        clientQpn: readUint32(octets, body + 24),
        clientStartPsn: readUint32(octets, body + 28),
        clientRkey: readUint32(octets, body + 32),
        clientMemoryAddress: readUint64(octets, body + 36),
        lambdaFlags: readUint32(octets, body + 44),
      };
    case 'lease-installed':
      return {
        type,
        transaction,
        leaseId: readUint32(octets, body),
        status: readUint16(octets, body + 4),
        qpn: readUint32(octets, body + 8),
        startPsn: readUint32(octets, body + 12),
        rkey: readUint32(octets, body + 16),
        memoryAddress: readUint64(octets, body + 20),
      };
    case 'lease-done':
      return {
        type,
        transaction,
        leaseId: readUint32(octets, body),
        slot: readUint32(octets, body + 4),
        status: readUint16(octets, body + 8),
      };
    case 'lease-free':
      return { type, transaction, leaseId: readUint32(octets, body), slot: readUint32(octets, body + 4) };
    default:
      return unreachable(type);
  }
}

/** The UDP payload of a message. */
export function emitManagement(message: ManagementMessage): Uint8Array {
  const octets = new Uint8Array(managementOctets(message));
  writeMessage(octets, 0, message);
  return octets;
}

/** A whole frame. */
export function buildManagementFrame(addresses: UdpFrameAddresses, message: ManagementMessage): Uint8Array {
  const payloadOctets = managementOctets(message);
  const frame = allocateUdpFrame(payloadOctets);
  writeMessage(frame, UDP_PAYLOAD_OFFSET, message);
  sealUdpFrame(frame, payloadOctets, addresses);
  return frame;
}

function managementOctets(message: ManagementMessage): number {
  const dataOctets = message.type === 'firmware-chunk' ? message.data.length : 0;
  if (dataOctets > FIRMWARE_CHUNK_OCTETS) refuseOctets('firmware chunk', dataOctets);
  return MANAGEMENT_HEADER_OCTETS + KINDS[message.type].bodyOctets + dataOctets;
}

/** Apart for speed, see time/scheduler.ts. */
function refuseOctets(what: string, octets: number): never {
  throw new InvariantError(`${what} of ${octets} octets`);
}

function writeMessage(octets: Uint8Array, start: number, message: ManagementMessage): void {
  const body = start + MANAGEMENT_HEADER_OCTETS;
  octets[start + MANAGEMENT_TYPE] = KINDS[message.type].code;
  octets[start + MANAGEMENT_VERSION] = MANAGEMENT_PROTOCOL_VERSION;
  octets[start + MANAGEMENT_NIC] = message.nic ?? 0;
  writeUint32(octets, start + MANAGEMENT_TRANSACTION, message.transaction);
  writeUint32(octets, start + MANAGEMENT_LENGTH, managementOctets(message) - MANAGEMENT_HEADER_OCTETS);
  switch (message.type) {
    case 'firmware-begin':
      if (message.sha256.length !== SHA256_OCTETS) refuseOctets('SHA-256', message.sha256.length);
      writeUint32(octets, body, message.octets);
      octets.set(message.sha256, body + 4);
      break;
    case 'firmware-chunk':
      writeUint32(octets, body, message.offset);
      octets.set(message.data, body + 4);
      break;
    case 'firmware-ack':
      writeUint32(octets, body, message.nextOffset);
      break;
    case 'firmware-load':
    case 'ack':
      break;
    case 'firmware-loaded':
      if (message.sha256.length !== SHA256_OCTETS) refuseOctets('SHA-256', message.sha256.length);
      writeUint16(octets, body, message.status);
      octets.set(message.sha256, body + 4);
      break;
    case 'lease-install':
      writeUint32(octets, body, message.leaseId);
      writeUint32(octets, body + 4, message.slot);
      writeUint32(octets, body + 8, message.wId);
      writeUint32(octets, body + 12, message.clientAddress);
      writeMac(octets, body + 16, message.clientMac);
      writeUint32(octets, body + 24, message.clientQpn);
      writeUint32(octets, body + 28, message.clientStartPsn);
      writeUint32(octets, body + 32, message.clientRkey);
      writeUint64(octets, body + 36, message.clientMemoryAddress);
      writeUint32(octets, body + 44, message.lambdaFlags);
      break;
    case 'lease-installed':
      writeUint32(octets, body, message.leaseId);
      writeUint16(octets, body + 4, message.status);
      writeUint32(octets, body + 8, message.qpn);
      writeUint32(octets, body + 12, message.startPsn);
      writeUint32(octets, body + 16, message.rkey);
      writeUint64(octets, body + 20, message.memoryAddress);
      break;
    case 'lease-done':
      writeUint32(octets, body, message.leaseId);
      writeUint32(octets, body + 4, message.slot);
      writeUint16(octets, body + 8, message.status);
      break;
    case 'lease-free':
      writeUint32(octets, body, message.leaseId);
      writeUint32(octets, body + 4, message.slot);
      break;
    default:
      unreachable(message);
  }
}

export function formatManagement(message: ManagementMessage): string {
  const nic = message.nic === undefined ? '' : ` nic ${message.nic}`;
  const head = `management ${message.type}${nic} transaction ${message.transaction}`;
  switch (message.type) {
    case 'firmware-begin':
      return `${head}, ${message.octets} octets`;
    case 'firmware-chunk':
      return `${head}, offset ${message.offset}, length ${message.data.length}`;
    case 'firmware-ack':
      return `${head}, next ${message.nextOffset}`;
    case 'firmware-loaded':
      return `${head}, ${formatStatus(message.status)}`;
    case 'lease-install':
      return `${head}, lease ${message.leaseId} slot ${message.slot} lambda ${message.wId}`;
    case 'lease-installed':
      return `${head}, lease ${message.leaseId} ${formatStatus(message.status)} qp ${message.qpn}`;
    case 'lease-done':
      return `${head}, lease ${message.leaseId} slot ${message.slot} ${formatStatus(message.status)}`;
    case 'lease-free':
      return `${head}, lease ${message.leaseId} slot ${message.slot}`;
    case 'firmware-load':
    case 'ack':
      return head;
    default:
      return unreachable(message);
  }
}
