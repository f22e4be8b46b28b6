import { InvariantError } from '../base/assert.ts';
import { ok, type Result, wireError } from '../base/result.ts';
import { readUint16, readUint32, writeUint16, writeUint32 } from './big-endian.ts';
import { allocateUdpFrame, sealUdpFrame, UDP_PAYLOAD_OFFSET, type UdpFrameAddresses } from './udp-frame.ts';

/**
 * The lambda header, right after UDP on port 4369: which function, which request, which part of the message. The paper
 * publishes only its first word, the workload id that the match stage looks up (section 4.2, Listing 3); the rest is
 * this testbed's. Between client and gateway the body of every fragment starts with the function's name.
 */
export const LAMBDA_WORKLOAD_ID = 0;
export const LAMBDA_REQUEST_ID = 4;
export const LAMBDA_FRAGMENT = 8;
export const LAMBDA_FRAGMENTS = 10;
export const LAMBDA_FLAGS = 12;
export const LAMBDA_STATUS = 14;
export const LAMBDA_LENGTH = 16;
export const LAMBDA_HEADER_OCTETS = 20;

/** Where the body starts in a frame that we build: 62. */
export const LAMBDA_BODY_OFFSET = UDP_PAYLOAD_OFFSET + LAMBDA_HEADER_OCTETS;

/** Octets of message in each fragment but the last. */
export const FRAGMENT_OCTETS = 1_024;
/** What the fragment count's 16 bits allow. */
export const MAX_FRAGMENTED_OCTETS = 65_535 * FRAGMENT_OCTETS;

export const FLAG_RESPONSE = 0x0001;
/** An event that the NIC made for a message that already lies in its memory. */
export const FLAG_RDMA = 0x0002;
/** Leave the result in NIC memory. */
export const FLAG_KEEP = 0x0004;
export const FLAG_LEASE_REQUEST = 0x0008;
export const FLAG_LEASE_ANSWER = 0x0010;
export const FLAG_LEASE_RELEASE = 0x0020;

export const STATUS_OK = 0;
export const STATUS_NOT_FOUND = 1;
export const STATUS_BAD_REQUEST = 2;
export const STATUS_BACKEND_FAILURE = 3;
export const STATUS_TIMEOUT = 4;
export const STATUS_UNKNOWN_FUNCTION = 5;
export const STATUS_NO_CAPACITY = 6;

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [FLAG_RESPONSE, 'response'],
  [FLAG_RDMA, 'rdma'],
  [FLAG_KEEP, 'keep'],
  [FLAG_LEASE_REQUEST, 'lease-request'],
  [FLAG_LEASE_ANSWER, 'lease-answer'],
  [FLAG_LEASE_RELEASE, 'lease-release'],
];
const STATUS_NAMES = [
  'ok',
  'not-found',
  'bad-request',
  'backend-failure',
  'timeout',
  'unknown-function',
  'no-capacity',
] as const;

export interface LambdaHeader {
  /** Workload (lambda) id; 0 from a client that names the function instead. */
  readonly wId: number;
  readonly requestId: number;
  /** Index of this fragment, from 0. */
  readonly fragment: number;
  /** Fragments of the whole message, at least 1. */
  readonly fragments: number;
  readonly flags: number;
  readonly status: number;
  /** Octets of the whole message's body, all fragments together, the function's name not counted. */
  readonly length: number;
}

/** Reads the header at `octets[start, end)`; the body starts `LAMBDA_HEADER_OCTETS` later. */
export function parseLambda(octets: Uint8Array, start: number, end: number): Result<LambdaHeader> {
  if (end - start < LAMBDA_HEADER_OCTETS) {
    return wireError('lambda-truncated', `${end - start} octets, expected at least ${LAMBDA_HEADER_OCTETS}`, end);
  }
  const fragment = readUint16(octets, start + LAMBDA_FRAGMENT);
  const fragments = readUint16(octets, start + LAMBDA_FRAGMENTS);
  const length = readUint32(octets, start + LAMBDA_LENGTH);
  if (fragment >= fragments) {
    return wireError('lambda-fragment', `fragment ${fragment} of ${fragments}`, start + LAMBDA_FRAGMENT);
  }
  if (fragments > 1 && fragments !== fragmentCount(length)) {
    const message = `${fragments} fragments for ${length} octets, expected ${fragmentCount(length)}`;
    return wireError('lambda-fragments', message, start + LAMBDA_FRAGMENTS);
  }
  return ok({
    wId: readUint32(octets, start + LAMBDA_WORKLOAD_ID),
    requestId: readUint32(octets, start + LAMBDA_REQUEST_ID),
    fragment,
    fragments,
    flags: readUint16(octets, start + LAMBDA_FLAGS),
    status: readUint16(octets, start + LAMBDA_STATUS),
    length,
  });
}

/** Writes the 20 octets of the header. */
export function emitLambda(octets: Uint8Array, start: number, header: LambdaHeader): void {
  writeUint32(octets, start + LAMBDA_WORKLOAD_ID, header.wId);
  writeUint32(octets, start + LAMBDA_REQUEST_ID, header.requestId);
  writeUint16(octets, start + LAMBDA_FRAGMENT, header.fragment);
  writeUint16(octets, start + LAMBDA_FRAGMENTS, header.fragments);
  writeUint16(octets, start + LAMBDA_FLAGS, header.flags);
  writeUint16(octets, start + LAMBDA_STATUS, header.status);
  writeUint32(octets, start + LAMBDA_LENGTH, header.length);
}

/** Fragments that a message of `length` octets is cut into, at least one. */
export function fragmentCount(length: number): number {
  return Math.max(1, Math.ceil(length / FRAGMENT_OCTETS));
}

/** Octets of the message that this fragment carries (the name before them not counted). */
export function fragmentOctets(header: LambdaHeader): number {
  if (header.fragments === 1) return header.length;
  return Math.min(FRAGMENT_OCTETS, header.length - header.fragment * FRAGMENT_OCTETS);
}

/** Longest name that fits its length octet. */
export const NAME_MAX_OCTETS = 255;

export interface FunctionName {
  readonly name: string;
  /** Offset after the name, where the fragment's payload starts. */
  readonly end: number;
}

/** Reads a function's name (length octet, then printable ASCII without spaces) at `octets[start, end)`. */
export function parseFunctionName(octets: Uint8Array, start: number, end: number): Result<FunctionName> {
  if (start >= end) return wireError('lambda-name-truncated', 'no octet for the name length', end);
  const nameOctets = octets[start]!;
  if (nameOctets === 0) return wireError('lambda-name-empty', 'empty function name', start);
  const nameEnd = start + 1 + nameOctets;
  if (nameEnd > end) {
    return wireError('lambda-name-truncated', `name of ${nameOctets} octets in ${end - start - 1}`, start);
  }
  let name = '';
  for (let i = start + 1; i < nameEnd; i++) {
    const code = octets[i]!;
    if (code <= 0x20 || code >= 0x7f) return wireError('lambda-name-character', `octet ${code} in a name`, i);
    name += String.fromCharCode(code);
  }
  return ok({ name, end: nameEnd });
}

/** Octets that a name takes on the wire, with its length octet. */
export function functionNameOctets(name: string): number {
  return 1 + name.length;
}

/** Writes length octet and name; returns the offset after it. The name is ASCII, 1 to 255 characters. */
export function emitFunctionName(octets: Uint8Array, start: number, name: string): number {
  if (name.length === 0 || name.length > NAME_MAX_OCTETS) refuseName(name.length);
  octets[start] = name.length;
  for (let i = 0; i < name.length; i++) octets[start + 1 + i] = name.charCodeAt(i);
  return start + 1 + name.length;
}

/**
 * A whole frame: headers, lambda header, the name if there is one, the body. The body is this fragment's part alone.
 */
export function buildLambdaFrame(
  addresses: UdpFrameAddresses,
  header: LambdaHeader,
  body: Uint8Array,
  name?: string,
): Uint8Array {
  const nameOctets = name === undefined ? 0 : functionNameOctets(name);
  const payloadOctets = LAMBDA_HEADER_OCTETS + nameOctets + body.length;
  const frame = allocateUdpFrame(payloadOctets);
  emitLambda(frame, UDP_PAYLOAD_OFFSET, header);
  if (name !== undefined) emitFunctionName(frame, LAMBDA_BODY_OFFSET, name);
  frame.set(body, LAMBDA_BODY_OFFSET + nameOctets);
  sealUdpFrame(frame, payloadOctets, addresses);
  return frame;
}

export function formatStatus(status: number): string {
  return STATUS_NAMES[status] ?? `status ${status}`;
}

/** Names of the flags that are set, `response,rdma`; unknown bits in hexadecimal; empty when none is. */
export function formatFlags(flags: number): string {
  const names: string[] = [];
  let rest = flags;
  for (const [bit, name] of FLAG_NAMES) {
    if ((flags & bit) === 0) continue;
    names.push(name);
    rest &= ~bit;
  }
  if (rest !== 0) names.push(`0x${rest.toString(16)}`);
  return names.join(',');
}

export function formatLambda(header: LambdaHeader): string {
  const flags = header.flags === 0 ? '' : ` [${formatFlags(header.flags)}]`;
  const fragment = header.fragments === 1 ? '' : ` fragment ${header.fragment}/${header.fragments}`;
  const status = header.status === STATUS_OK ? '' : ` ${formatStatus(header.status)}`;
  return `lambda ${header.wId} request ${header.requestId}${flags}${fragment}${status}, length ${header.length}`;
}

/** Apart for speed, see time/scheduler.ts. */
function refuseName(characters: number): never {
  throw new InvariantError(`function name of ${characters} characters`);
}
